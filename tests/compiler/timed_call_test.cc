#include "compiler/timed_call.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>

namespace bpfc::compiler {
namespace {

using std::chrono::milliseconds;

TEST(TimedCall, ReturnsWhatTheFunctionReturns) {
  const auto answer = timed_call(std::chrono::seconds(10), [] { return std::string("done"); });
  EXPECT_EQ(std::get<std::string>(answer), "done");
}

TEST(TimedCall, WaitsForTheLongestTimeThereIs) {
  const auto answer = timed_call(milliseconds::max(), [] { return 1; });
  EXPECT_EQ(std::get<int>(answer), 1);
}

TEST(TimedCall, LeavesLateFunctionToItself) {
  auto gate = std::make_shared<std::promise<void>>();
  auto left = std::make_shared<std::promise<void>>();
  std::future<void> leaving = left->get_future();
  const auto answer = timed_call(milliseconds(10), [opened = gate->get_future().share(), left] {
    opened.wait();
    left->set_value_at_thread_exit();
    return 1;
  });
  EXPECT_EQ(std::get<CallFailure>(answer), CallFailure::kTimedOut);
  gate->set_value();
  leaving.wait();
}

TEST(TimedCall, LetsNoExceptionOut) {
  const auto answer =
      timed_call(std::chrono::seconds(10), []() -> int { throw std::runtime_error("no"); });
  EXPECT_EQ(std::get<CallFailure>(answer), CallFailure::kNotCalled);
}

TEST(TimedCall, FunctionReceivesNoSignals) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  const auto answer = timed_call(std::chrono::seconds(10), [] {
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, nullptr, &now);
    return sigismember(&now, SIGINT) == 1 && sigismember(&now, SIGALRM) == 1;
  });
  EXPECT_TRUE(std::get<bool>(answer));
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (int signal = 1; signal < 32; ++signal) {
    EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal)) << signal;
  }
}

}  // namespace
}  // namespace bpfc::compiler
