#include "cli/filter_options.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "compiler/address.h"

namespace bpfc::cli {
namespace {

const SystemNameResolver& system_names() {
  static const SystemNameResolver kResolver;
  return kResolver;
}

// What the parser takes at most; devices such as /dev/zero have no end.
constexpr std::size_t kLargestFile = std::size_t{256} << 20U;

// As spaces, so that columns stay what they are.
void blank_comments(std::string& text) {
  bool comment = false;
  for (char& c : text) {
    if (c == '\n') comment = false;
    if (c == '#') comment = true;
    if (comment) c = ' ';
  }
}

}  // namespace

Expected<std::string, std::string> read_file(const std::string& path) {
  const bool standard_input = path == "-";
  const int descriptor = standard_input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const auto failure = [&] {
    return tl::unexpected(fmt::format("{}: {}", standard_input ? "standard input" : path,
                                      std::generic_category().message(errno)));
  };
  if (descriptor < 0) return failure();
  std::string text;
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t got = read(descriptor, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const auto error = failure();
      if (!standard_input) close(descriptor);
      return error;
    }
    if (got == 0) break;
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > kLargestFile) {
      if (!standard_input) close(descriptor);
      return tl::unexpected(fmt::format("{}: longer than 256 MiB, which no filter or program is",
                                        standard_input ? "standard input" : path));
    }
  }
  if (!standard_input) close(descriptor);
  return text;
}

Expected<FilterText, std::string> filter_text(const FilterOptions& options) {
  if (options.file.empty())
    return FilterText{fmt::format("{}", fmt::join(options.words, " ")), "filter"};
  auto text = read_file(options.file);
  if (!text) return tl::unexpected(text.error());
  // What some editors begin a file with.
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
  blank_comments(*text);
  return FilterText{std::move(*text), options.file == "-" ? "standard input" : options.file};
}

Expected<WarningSet, std::string> parse_warnings(const std::vector<std::string>& words,
                                                 bool on_terminal) {
  constexpr std::string_view kAll = "all";
  constexpr std::string_view kNo = "no-";
  WarningSet result = warnings_up_to(on_terminal ? WarningLevel::kUsual : WarningLevel::kAlways);
  for (const std::string& word : words) {
    if (word.empty()) {
      result.add(warnings_up_to(WarningLevel::kUsual));
      continue;
    }
    const bool off = word.starts_with(kNo);
    const std::string_view which = std::string_view(word).substr(off ? kNo.size() : 0);
    const WarningKind* kind = find_warning(which);
    if (which != kAll && kind == nullptr) {
      return tl::unexpected(
          fmt::format("-W: no warning is called '{}' (bpfc --help lists them; a filter that begins "
                      "with a number follows --)",
                      which));
    }
    const WarningSet meant =
        kind == nullptr ? warnings_up_to(WarningLevel::kOnRequest) : WarningSet{kind->code};
    if (off) {
      result.remove(meant);
    } else {
      result.add(meant);
    }
  }
  return result;
}

CompileOptions compile_options(const FilterOptions& options) {
  CompileOptions result;
  if (options.link_type != nullptr) result.link_type = options.link_type;
  result.target = options.target;
  result.snaplen = options.snaplen.value_or(kDefaultSnaplen);
  result.netmask = options.netmask;
  result.optimization = options.optimization;
  result.resolver = &system_names();
  result.warnings = options.warnings;
  return result;
}

std::optional<std::uint32_t> parse_netmask(std::string_view text) {
  const auto whole = [&](std::string_view digits, int base) -> std::optional<std::uint32_t> {
    std::uint32_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  if (text.starts_with("0x")) return whole(text.substr(2), 16);
  if (text.starts_with("/")) {
    const auto length = whole(text.substr(1), 10);
    if (!length || *length > 32) return std::nullopt;
    return Ip4Prefix{0, *length}.mask();
  }
  const auto address = parse_ip4(text);
  if (!address || address->length != 32) return std::nullopt;
  return address->address;
}

}  // namespace bpfc::cli
