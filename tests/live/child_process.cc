#include "tests/live/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>
#include <utility>

namespace bpfc::live_test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kLongestWait = std::chrono::seconds(15);
constexpr auto kStep = std::chrono::milliseconds(5);

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ChildProcess::ChildProcess(const std::string& path, std::vector<std::string> arguments,
                           const ChildOptions& options) {
  arguments.insert(arguments.begin(), path);
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  std::array<int, 2> errors{-1, -1};
  std::array<int, 2> output{-1, -1};
  if (pipe2(errors.data(), O_CLOEXEC) != 0) return;
  if (options.output_path.empty() && pipe2(output.data(), O_CLOEXEC) != 0) return;
  id_ = fork();
  if (id_ == 0) {
    const int nothing = open("/dev/null", O_RDONLY);
    const int out = options.output_path.empty()
                        ? output[1]
                        : open(options.output_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(nothing, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(errors[1], STDERR_FILENO);
    if (options.longest_file > 0) {
      const rlimit limit{options.longest_file, options.longest_file};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    execv(path.c_str(), words.data());
    _exit(127);
  }
  close(errors[1]);
  if (output[1] >= 0) close(output[1]);
  errors_ = errors[0];
  output_ = output[0];
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      errors_(std::exchange(other.errors_, -1)),
      output_(std::exchange(other.output_, -1)),
      err_(std::move(other.err_)) {}

ChildProcess::~ChildProcess() {
  if (id_ > 0) {
    kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
  }
  if (errors_ >= 0) close(errors_);
  if (output_ >= 0) close(output_);
}

// False: there will be no more.
bool ChildProcess::read_errors(int milliseconds) {
  pollfd ready{errors_, POLLIN, 0};
  if (poll(&ready, 1, milliseconds) <= 0) return true;
  std::array<char, 4096> buffer;
  const ssize_t count = read(errors_, buffer.data(), buffer.size());
  if (count <= 0) return false;
  err_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

bool ChildProcess::says(const std::string& text) {
  const auto limit = Clock::now() + kLongestWait;
  while (err_.find(text) == std::string::npos && Clock::now() < limit) {
    if (!read_errors(100)) break;
  }
  return err_.find(text) != std::string::npos;
}

void ChildProcess::close_output() { close(std::exchange(output_, -1)); }

void ChildProcess::send(int signal) const {
  if (id_ > 0) kill(id_, signal);
}

ChildEnd ChildProcess::wait(std::chrono::seconds limit) {
  ChildEnd end;
  const auto last = Clock::now() + limit;
  int status = 0;
  rusage usage{};
  while (id_ > 0 && wait4(id_, &status, WNOHANG, &usage) == 0) {
    if (Clock::now() > last) {
      kill(id_, SIGKILL);
      wait4(id_, &status, 0, &usage);
      break;
    }
    // A full pipe would hold it up.
    read_errors(0);
    std::this_thread::sleep_for(kStep);
  }
  id_ = -1;
  while (read_errors(100)) {
    if (Clock::now() > last + limit) break;
  }
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  end.processor_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  end.err = err_;
  return end;
}

}  // namespace bpfc::live_test
