#include "cli/check_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "cli/hex_text.h"
#include "cli/packet_source.h"

namespace bpfc::cli {
namespace {

constexpr std::size_t kMostWaysNamed = 8;

bool needs_quotes(std::string_view text) {
  return text.empty() || !std::all_of(text.begin(), text.end(), [](char c) {
           const bool plain =
               (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           return plain || std::string_view("-_./=,:+").find(c) != std::string_view::npos;
         });
}

std::string quoted(std::string_view text) {
  if (!needs_quotes(text)) return std::string(text);
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

std::string said(const judge::Verdict& verdict) {
  if (!verdict.accepts) return "rejects";
  return fmt::format("accepts, keeping {} bytes", verdict.kept);
}

}  // namespace

std::string engine_name(const judge::EngineTally& tally) {
  return tally.vantage ? judge::to_string(*tally.vantage) : judge::to_string(tally.engine);
}

void CheckTable::add(const judge::EngineTally& tally, const std::string& program) {
  const std::string engine = engine_name(tally);
  auto row = std::find_if(rows_.begin(), rows_.end(), [&](const Row& known) {
    return known.engine == engine && known.program == program;
  });
  if (row == rows_.end()) row = rows_.insert(row, {engine, program, {}});
  row->sum.packets += tally.packets;
  row->sum.accepted += tally.accepted;
  row->sum.disagreements += tally.disagreements;
  row->sum.not_judged += tally.not_judged;
}

std::uint64_t CheckTable::disagreements() const {
  std::uint64_t sum = 0;
  for (const Row& row : rows_) sum += row.sum.disagreements;
  return sum;
}

std::string CheckTable::text() const {
  constexpr std::string_view kProgram = "program";
  std::size_t width = kProgram.size();
  for (const Row& row : rows_) width = std::max(width, row.program.size());
  std::string text =
      fmt::format("{:<21}  {:<{}}  {:>9}  {:>9}  {:>13}  {:>10}\n", "engine", kProgram, width,
                  "packets", "accepted", "disagreements", "not judged");
  for (const Row& row : rows_) {
    text += fmt::format("{:<21}  {:<{}}  {:>9}  {:>9}  {:>13}  {:>10}\n", row.engine, row.program,
                        width, row.sum.packets, row.sum.accepted, row.sum.disagreements,
                        row.sum.not_judged);
  }
  return text;
}

std::string coverage_line(const std::string& name, const judge::BranchCoverage& coverage) {
  std::string text =
      fmt::format("branches: {}: {} of {} taken", name, coverage.reached(), coverage.total());
  const auto missing = coverage.missing();
  for (std::size_t i = 0; i < std::min(missing.size(), kMostWaysNamed); ++i) {
    text += fmt::format("{} ({:03}) {}", i == 0 ? "; not" : ",", missing[i].instruction,
                        missing[i].taken ? "jt" : "jf");
  }
  if (missing.size() > kMostWaysNamed) text += ", ...";
  return text + "\n";
}

std::string opinion_lines(const std::vector<judge::EngineTally>& tallies,
                          const std::vector<std::string>& programs,
                          const std::vector<std::optional<judge::Opinion>>& opinions) {
  std::size_t width = 0;
  for (const std::string& program : programs) width = std::max(width, program.size());
  std::string text;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    text += fmt::format("  {:<21}  {:<{}}  ", engine_name(tallies[i]), programs[tallies[i].program],
                        width);
    if (!opinions[i]) {
      text += "has not judged it\n";
      continue;
    }
    const auto& [verdict, expected] = *opinions[i];
    text += said(verdict);
    if (!(verdict == expected))
      text += fmt::format(" (not so {}: {})", programs[0], said(expected));
    text += '\n';
  }
  return text;
}

std::string reproducing_command(const CheckCommand& command, const FilterText& text,
                                const FilterOptions& filter, const judge::TestPacket& packet) {
  std::vector<std::string> words{"bpfc", "check"};
  const auto add = [&](std::string_view option, const std::string& value) {
    words.emplace_back(option);
    words.push_back(quoted(value));
  };
  if (!command.program.empty()) add("--program", command.program);
  if (command.has_filter) {
    if (filter.link_type != nullptr) add("-y", std::string(filter.link_type->name));
    if (filter.snaplen) add("-s", std::to_string(*filter.snaplen));
    if (filter.netmask) add("-m", fmt::format("{:#010x}", *filter.netmask));
    if (filter.target == Target::kLiveLinux) words.emplace_back("--linux-ext");
    if (filter.target == Target::kNativeSavefile) words.emplace_back("--savefile=native");
    if (filter.target == Target::kSwappedSavefile) words.emplace_back("--savefile=swapped");
    for (const OptimizationName& entry : kOptimizationNames) {
      if (filter.optimization != entry.level || filter.optimization == Optimization::kDefault)
        continue;
      words.push_back(fmt::format("--optimize={}", entry.name));
    }
  }
  add("--packet", to_hex(packet.bytes));
  if (!packet.is_whole()) add("--wirelen", std::to_string(packet.wire_length));
  if (packet.ancillary) add("--ancillary", to_text(*packet.ancillary));
  if (command.has_filter && !filter.file.empty() && filter.file != "-") {
    add("-F", filter.file);
  } else if (command.has_filter) {
    if (text.text.starts_with("-")) words.emplace_back("--");
    words.push_back(quoted(text.text));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

std::string to_text(const Ancillary& ancillary) {
  std::vector<std::string> parts;
  for (const AncillaryInfo& row : kAncillaryLoads) {
    const auto value = judge::ancillary_field(ancillary, row.load);
    const bool of_device =
        row.load == AncillaryLoad::kInterfaceIndex || row.load == AncillaryLoad::kHardwareType;
    if (value && (*value != 0 || of_device))
      parts.push_back(fmt::format("{}={}", row.name, *value));
  }
  return fmt::format("{}", fmt::join(parts, ","));
}

Expected<Ancillary, std::string> parse_ancillary(std::string_view text) {
  Ancillary result;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const std::string_view name = part.substr(0, part.find('='));
    const auto row = std::find_if(kAncillaryLoads.begin(), kAncillaryLoads.end(),
                                  [&](const AncillaryInfo& known) { return known.name == name; });
    const char* digits = part.data() + std::min(part.size(), name.size() + 1);
    const char* end = part.data() + part.size();
    std::uint32_t value = 0;
    const auto [stop, error] = std::from_chars(digits, end, value);
    const bool number = error == std::errc() && stop == end;
    if (row == kAncillaryLoads.end() || !number ||
        !judge::set_ancillary_field(result, row->load, value)) {
      return tl::unexpected(fmt::format(
          "--ancillary takes NAME=NUMBER,... such as vlan_tci=5,vlanp=1; '{}' is none", part));
    }
  }
  return result;
}

}  // namespace bpfc::cli
