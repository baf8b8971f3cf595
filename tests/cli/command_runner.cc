#include "command_runner.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace bpfc::cli_test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kCannotStart = 127;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// An open descriptor, or none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void reset(int number = -1) {
    if (number_ >= 0) close(number_);
    number_ = number;
  }

 private:
  int number_ = -1;
};

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
    reading.reset(ends[0]);
    writing.reset(ends[1]);
  }
  Descriptor reading;
  Descriptor writing;
};

// What the child does between fork() and exec(): only calls that are safe there.
[[noreturn]] void become(const std::string& path, const Invocation& invocation,
                         const std::vector<char*>& arguments) {
  std::signal(SIGPIPE, SIG_DFL);
  for (const auto& [name, value] : invocation.environment) {
    if (value.empty()) {
      unsetenv(name.c_str());
    } else {
      setenv(name.c_str(), value.c_str(), 1);
    }
  }
  for (const int stream : invocation.closed_streams) close(stream);
  execv(path.c_str(), arguments.data());
  _exit(kCannotStart);
}

void redirect(const std::string& path, int flags, int stream) {
  constexpr mode_t kMode = 0666;
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC, kMode);
  if (descriptor < 0) _exit(kCannotStart);
  dup2(descriptor, stream);
}

std::vector<char*> argument_pointers(std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Reads what there is. False: the end.
bool read_some(const Descriptor& from, std::string& to) {
  std::array<char, 65536> block{};
  const ssize_t got = read(from.get(), block.data(), block.size());
  if (got > 0) to.append(block.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

// Moves bytes until both outputs end or the time is up.
void exchange(const Invocation& invocation, Descriptor& in, Descriptor& out, Descriptor& err,
              Outcome& outcome) {
  const auto end = Clock::now() + invocation.limit;
  std::size_t sent = 0;
  while (out.is_open() || err.is_open()) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) {
      outcome.timed_out = true;
      return;
    }
    // A negative descriptor is passed over.
    std::array<pollfd, 3> polled = {pollfd{in.get(), POLLOUT, 0}, pollfd{out.get(), POLLIN, 0},
                                    pollfd{err.get(), POLLIN, 0}};
    if (poll(polled.data(), polled.size(), static_cast<int>(left)) < 0 && errno != EINTR) {
      fail("poll");
    }
    if (polled[0].revents != 0) {
      const ssize_t written =
          write(in.get(), invocation.input.data() + sent, invocation.input.size() - sent);
      if (written > 0) sent += static_cast<std::size_t>(written);
      if (sent == invocation.input.size() || (written < 0 && errno != EAGAIN)) in.reset();
    }
    if (polled[1].revents != 0 && !read_some(out, outcome.out)) out.reset();
    if (invocation.close_after != 0 && outcome.out.size() >= invocation.close_after) out.reset();
    if (polled[2].revents != 0 && !read_some(err, outcome.err)) err.reset();
  }
}

void wait_for(pid_t child, Outcome& outcome) {
  if (outcome.timed_out) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail("waitpid");
  }
  if (WIFEXITED(status) && !outcome.timed_out) outcome.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
}

}  // namespace

Outcome run_program(const std::string& path, const Invocation& invocation) {
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::string> arguments = {path};
  arguments.insert(arguments.end(), invocation.arguments.begin(), invocation.arguments.end());
  const std::vector<char*> pointers = argument_pointers(arguments);
  Pipe in;
  Pipe out;
  Pipe err;
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    dup2(in.reading.get(), STDIN_FILENO);
    dup2(out.writing.get(), STDOUT_FILENO);
    dup2(err.writing.get(), STDERR_FILENO);
    if (!invocation.input_path.empty()) redirect(invocation.input_path, O_RDONLY, STDIN_FILENO);
    if (!invocation.output_path.empty()) {
      redirect(invocation.output_path,
               O_WRONLY | O_CREAT | (invocation.append ? O_APPEND : O_TRUNC), STDOUT_FILENO);
    }
    become(path, invocation, pointers);
  }
  in.reading.reset();
  out.writing.reset();
  err.writing.reset();
  if (invocation.input.empty()) in.writing.reset();
  if (in.writing.is_open()) fcntl(in.writing.get(), F_SETFL, O_NONBLOCK);
  Outcome outcome;
  exchange(invocation, in.writing, out.reading, err.reading, outcome);
  wait_for(child, outcome);
  return outcome;
}

std::string bpfc_path() { return BPFC_PROGRAM; }

Outcome run_bpfc(const Invocation& invocation) { return run_program(BPFC_PROGRAM, invocation); }

Outcome run_bpfc(std::vector<std::string> arguments) {
  return run_bpfc(Invocation{.arguments = std::move(arguments)});
}

Outcome run_bpfc_on_terminal(const Invocation& invocation) {
  std::vector<std::string> arguments = {BPFC_PROGRAM};
  arguments.insert(arguments.end(), invocation.arguments.begin(), invocation.arguments.end());
  const std::vector<char*> pointers = argument_pointers(arguments);
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child < 0) fail("forkpty");
  if (child == 0) {
    if (!invocation.input_path.empty()) redirect(invocation.input_path, O_RDONLY, STDIN_FILENO);
    if (!invocation.output_path.empty()) {
      redirect(invocation.output_path, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    }
    become(BPFC_PROGRAM, invocation, pointers);
  }
  Outcome outcome;
  Descriptor none;
  Descriptor out(terminal);
  Descriptor also_none;
  exchange(invocation, none, out, also_none, outcome);
  wait_for(child, outcome);
  return outcome;
}

std::string find_installed(const std::string& name) {
  for (const char* folder : {"/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/bin/", "/sbin/"}) {
    if (access((folder + name).c_str(), X_OK) == 0) return folder + name;
  }
  return {};
}

ScratchFolder::ScratchFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "bpfc-test-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) fail("mkdtemp");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchFolder::write(const std::string& name, const std::string& contents) const {
  std::ofstream(path(name), std::ios::binary) << contents;
  return path(name);
}

std::string file_contents(const std::string& path) {
  std::ostringstream contents;
  contents << std::ifstream(path, std::ios::binary).rdbuf();
  return contents.str();
}

std::string data_file(const std::string& name) {
  return std::string(BPFC_SOURCE_DIR "/tests/data/") + name;
}

}  // namespace bpfc::cli_test
