// A program that runs beside the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bpfc::live_test {

struct ChildOptions {
  std::string output_path = "/dev/null";  // of its standard output; empty: a pipe
  std::uint64_t longest_file = 0;         // bytes (RLIMIT_FSIZE); 0: any
};

struct ChildEnd {
  int exit_code = -1;  // -1: by a signal, or killed since the time was up
  int signal = 0;
  double processor_seconds = 0;
  std::string err;  // all of its standard error
};

class ChildProcess {
 public:
  ChildProcess(const std::string& path, std::vector<std::string> arguments,
               const ChildOptions& options = {});
  // Kills it if it runs still.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ChildProcess& operator=(ChildProcess&&) = delete;

  // Until the text stands in its standard error. False: it does not come.
  bool says(const std::string& text);
  void send(int signal) const;
  // Until it ends, or is killed since it does not.
  ChildEnd wait(std::chrono::seconds limit = std::chrono::seconds(30));

  // The reading end of the pipe from its standard output.
  int output() const { return output_; }
  // Nobody reads any more.
  void close_output();
  pid_t id() const { return id_; }

 private:
  bool read_errors(int milliseconds);

  pid_t id_ = -1;
  int errors_ = -1;
  int output_ = -1;
  std::string err_;
};

}  // namespace bpfc::live_test
