#include "cli/capture_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "cli/raw_options.h"

namespace bpfc::cli {
namespace {

// Those that only a capture has.
constexpr std::array kOptions = {"--interface", "-p",        "-Q", "-B", "--immediate-mode",
                                 "--print",     "--threads", "-Z", "-C", "-G",
                                 "-U"};

constexpr std::uint64_t kMostThreads = 64;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// Millions of bytes, or with k, m or g KiB, MiB and GiB.
std::optional<std::uint64_t> file_size(std::string_view text) {
  std::uint64_t unit = 1'000'000;
  if (!text.empty()) {
    switch (text.back() | 0x20) {
      case 'k':
        unit = std::uint64_t{1} << 10U;
        break;
      case 'm':
        unit = std::uint64_t{1} << 20U;
        break;
      case 'g':
        unit = std::uint64_t{1} << 30U;
        break;
      default:
        break;
    }
    if (unit != 1'000'000) text.remove_suffix(1);
  }
  const auto number = whole_number(text);
  if (!number || *number == 0 || *number > std::numeric_limits<std::uint64_t>::max() / unit) {
    return std::nullopt;
  }
  return *number * unit;
}

std::optional<CaptureDirection> direction(const std::string& word) {
  if (word.empty() || word == "inout") return CaptureDirection::kBoth;
  if (word == "in") return CaptureDirection::kIn;
  if (word == "out") return CaptureDirection::kOut;
  return std::nullopt;
}

// An error: what is wrong.
Expected<CaptureFileOptions, std::string> file_options(const CLI::App& app,
                                                       const RawCaptureOptions& raw,
                                                       const std::string& output,
                                                       const std::vector<std::string>& counts) {
  CaptureFileOptions files;
  files.path = output;
  files.flush_each_packet = raw.flush_each_packet;
  if (app.count("-C") > 0) {
    files.bytes = file_size(raw.file_size);
    if (!files.bytes) {
      return tl::unexpected(fmt::format(
          "-C: '{}' is no size of a file: millions of bytes, or a number with k, m or g",
          raw.file_size));
    }
  }
  if (app.count("-G") > 0) {
    if (raw.file_seconds == 0) return tl::unexpected(std::string("-G takes seconds above 0"));
    files.seconds = raw.file_seconds;
  }
  const bool rotates = files.bytes || files.seconds;
  for (const std::string& count : counts) {
    files.files = whole_number(count);
    if (!files.files || *files.files == 0) {
      return tl::unexpected(fmt::format("-W: '{}' is no number of files", count));
    }
    if (!rotates) {
      return tl::unexpected(
          std::string("-W with a number counts files: it goes with -C or -G (-Wall warns)"));
    }
  }
  if (rotates && (output.empty() || output == "-")) {
    return tl::unexpected(std::string("-C and -G go with -w FILE"));
  }
  if (output == "-" && raw.lines) {
    return tl::unexpected(std::string("-w - and --print both write to standard output"));
  }
  return files;
}

}  // namespace

void add_capture_options(CLI::App& app, RawCaptureOptions& raw) {
  const std::string group = "Capture";
  app.add_option("-i,--interface", raw.interface,
                 "Capture on this interface, by name or number, or on any; without -r, other "
                 "options of a capture take the first that is up")
      ->type_name("INTERFACE")
      ->group(group);
  app.add_flag("-p", raw.not_promiscuous, "Leave promiscuous mode alone")->group(group);
  app.add_option("-Q", raw.direction, "Only packets that come in, or go out")
      ->type_name("in|out|inout")
      ->group(group);
  app.add_option("-B", raw.ring_kibibytes, "Size of the ring in KiB (default 8192)")
      ->check(number())
      ->type_name("KIB")
      ->group(group);
  app.add_flag("--immediate-mode", raw.immediate, "Show each packet at once")->group(group);
  app.add_flag("--print", raw.lines, "Print lines also with -w")->group(group);
  app.add_option("-C", raw.file_size, "Begin another file after so many million bytes (or 64k, 1g)")
      ->type_name("SIZE")
      ->group(group);
  app.add_option("-G", raw.file_seconds,
                 "Begin another file after so many seconds; FILE is a format for strftime(3)")
      ->check(number())
      ->type_name("SECONDS")
      ->group(group);
  app.add_flag("-U", raw.flush_each_packet, "Write each packet to the file at once")->group(group);
  app.add_option("-Z", raw.user, "Become this user once the interface is open")
      ->type_name("USER")
      ->group(group);
  app.add_option("--threads", raw.threads, "Rings and threads that share the packets by flow")
      ->check(number())
      ->type_name("NUMBER")
      ->group(group);
  app.add_flag("-n", raw.no_names, "Nothing: addresses are always printed as numbers")
      ->group(group);
  app.add_flag("-l", raw.line_buffered, "Nothing: lines are printed before waiting for more")
      ->group(group);
}

std::vector<std::string> take_file_counts(std::vector<std::string>& words) {
  std::vector<std::string> numbers;
  for (const std::string& word : words) {
    if (!word.empty() && word.find_first_not_of("0123456789") == std::string::npos) {
      numbers.push_back(word);
    }
  }
  std::erase_if(words, [&](const std::string& word) {
    return std::find(numbers.begin(), numbers.end(), word) != numbers.end();
  });
  return numbers;
}

std::string capture_option_given(const CLI::App& app) {
  for (const char* option : kOptions) {
    if (app.count(option) > 0) return option;
  }
  return "";
}

Expected<CaptureCommand, std::string> check(const CLI::App& app, const RawCaptureOptions& raw,
                                            const std::string& output,
                                            const std::vector<std::string>& file_counts) {
  CaptureCommand command;
  if (app.count("--interface") > 0 && raw.interface.empty()) {
    return tl::unexpected(std::string("-i: the value is empty"));
  }
  command.interface = raw.interface;
  const auto chosen = direction(raw.direction);
  if (!chosen) {
    return tl::unexpected(fmt::format("-Q takes in, out or inout, not '{}'", raw.direction));
  }
  command.direction = *chosen;
  if (app.count("-B") > 0) {
    if (raw.ring_kibibytes == 0 ||
        raw.ring_kibibytes > std::numeric_limits<std::size_t>::max() >> 10U) {
      return tl::unexpected(std::string("-B takes a number of KiB above 0"));
    }
    command.ring_bytes = raw.ring_kibibytes << 10U;
  }
  if (raw.threads == 0 || raw.threads > kMostThreads) {
    return tl::unexpected(fmt::format("--threads takes a number from 1 to {}", kMostThreads));
  }
  command.threads = static_cast<unsigned>(raw.threads);
  command.promiscuous = !raw.not_promiscuous;
  command.immediate = raw.immediate;
  command.lines = raw.lines;
  command.user = raw.user;
  if (app.count("-Z") > 0 && raw.user.empty()) {
    return tl::unexpected(std::string("-Z: the value is empty"));
  }
  auto files = file_options(app, raw, output, file_counts);
  if (!files) return tl::unexpected(files.error());
  command.files = *std::move(files);
  return command;
}

}  // namespace bpfc::cli
