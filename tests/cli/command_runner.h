// Runs programs as a shell would, with everything that goes in and comes out in the test's hands.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace bpfc::cli_test {

struct Invocation {
  std::vector<std::string> arguments;  // without the program's name
  std::string input = {};              // to standard input, through a pipe
  // Set on top of the test's own environment; an empty value unsets.
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::string input_path = {};  // instead of `input`
  std::string output_path =
      {};               // where standard output goes, which is emptied; else it is gathered
  bool append = false;  // to output_path, instead of emptying it
  // Standard output: the reading end is closed once so many bytes have come. 0: read to the end.
  std::size_t close_after = 0;
  std::vector<int> closed_streams = {};  // of 0, 1 and 2: closed in the program
  std::chrono::seconds limit = std::chrono::seconds(60);
};

struct Outcome {
  std::string out;
  std::string err;
  int exit_code = -1;  // -1 where a signal ended it, or the time was up
  int signal = 0;
  bool timed_out = false;
};

Outcome run_program(const std::string& path, const Invocation& invocation);

// The bpfc that was built.
std::string bpfc_path();
Outcome run_bpfc(const Invocation& invocation);
Outcome run_bpfc(std::vector<std::string> arguments);

// The same with a terminal as its standard streams: what a person would see is in `out`.
Outcome run_bpfc_on_terminal(const Invocation& invocation);

// The program's path, or empty where it is not installed.
std::string find_installed(const std::string& name);

// A folder for the files of a test, removed with what is in it.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  // Writes the file and returns its path.
  std::string write(const std::string& name, const std::string& contents) const;

 private:
  std::string path_;
};

// Of a file; empty where it cannot be read.
std::string file_contents(const std::string& path);
// A file of tests/data.
std::string data_file(const std::string& name);

}  // namespace bpfc::cli_test
