// Parts a command line into options and the words of the filter, so that no option parser meets a
// filter: brackets, commas and signs in it reach the compiler as they were typed.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace bpfc::cli {

struct SplitArguments {
  std::vector<std::string> options;  // with their values; unknown ones too
  std::vector<std::string> words;    // what belongs to no option, and all that follows `--`
  // What follows each -W: a name in the same argument, a number also in the next one. Empty: a
  // plain -W.
  std::vector<std::string> warnings;
};

// `app` knows the options and which of them take a value. The program's name is not among the
// arguments.
SplitArguments split_arguments(const CLI::App& app, int argument_count,
                               const char* const* arguments);

}  // namespace bpfc::cli
