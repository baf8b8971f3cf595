// The options of a live capture, as tcpdump spells them.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "bpfc/expected.h"
#include "cli/command.h"

namespace bpfc::cli {

// The words before they are checked.
struct RawCaptureOptions {
  std::string interface;
  std::string direction;
  std::string file_size;
  std::string user;
  std::uint64_t ring_kibibytes = 0;
  std::uint64_t file_seconds = 0;
  std::uint64_t threads = 1;
  bool not_promiscuous = false;
  bool immediate = false;
  bool lines = false;
  bool flush_each_packet = false;
  bool no_names = false;
  bool line_buffered = false;
};

void add_capture_options(CLI::App& app, RawCaptureOptions& raw);

// The option given that makes no sense but for a capture; empty: none is.
std::string capture_option_given(const CLI::App& app);

// Takes those of the words behind -W that are numbers: for tcpdump, and so for a capture, they
// count files.
std::vector<std::string> take_file_counts(std::vector<std::string>& words);

// What the command does but for the filter, and for what it shares with reading: -w, -c, --count,
// -d. `file_counts`: of take_file_counts(). An error: what is wrong.
Expected<CaptureCommand, std::string> check(const CLI::App& app, const RawCaptureOptions& raw,
                                            const std::string& output,
                                            const std::vector<std::string>& file_counts);

}  // namespace bpfc::cli
