// Calls a function that may block for longer than its caller wants to wait.
#pragma once

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <future>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>

namespace bpfc::compiler {

// While it lives, the calling thread, and threads that it starts, receive no signals.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_ = {};
};

enum class CallFailure : std::uint8_t {
  kTimedOut,
  kNotCalled,  // no thread or no memory could be had, or the function threw
};

// What `function()` returned, or why there is nothing. The function runs in a thread of its own,
// which is joined if it returns within `timeout` and is left to itself otherwise: it must own all
// that it touches.
//
// A thread rather than getaddrinfo_a(): that one knows hosts only, keeps a pool of threads in the
// process, and cannot cancel a request under way, so its buffers would have to outlive the caller
// all the same.
template <typename Function, typename Result = std::invoke_result_t<Function>>
std::variant<Result, CallFailure> timed_call(std::chrono::milliseconds timeout, Function function) {
  // Added to the clock's present time, larger values could overflow.
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24);
  try {
    std::packaged_task<Result()> task(std::move(function));
    std::future<Result> result = task.get_future();
    std::thread thread = [&task] {
      const SignalsBlocked blocked;
      return std::thread(std::move(task));
    }();
    if (result.wait_for(std::min(timeout, kLongest)) != std::future_status::ready) {
      thread.detach();
      return CallFailure::kTimedOut;
    }
    thread.join();
    return result.get();
  } catch (const std::exception&) {
    return CallFailure::kNotCalled;
  }
}

}  // namespace bpfc::compiler
