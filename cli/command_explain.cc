// bpfc --explain-cost: which instructions packets execute.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "bpfc/listing.h"
#include "bpfc/program_cost.h"
#include "cli/command.h"
#include "cli/compile_filter.h"
#include "cli/filter_programs.h"
#include "cli/packet_source.h"

namespace bpfc::cli {
namespace {

// What the packets of one kind did.
struct Visits {
  const VerifiedProgram* program;
  std::uint16_t link_type;
  std::uint64_t packets = 0;
  std::vector<std::uint64_t> of_instruction;
};

// Calls `write` with the index and the text of each line.
template <typename Write>
void each_line(std::span<const Instruction> program, Write write) {
  const std::string text = to_listing(program);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < program.size(); ++i) {
    const std::size_t end = text.find('\n', begin);
    write(i, std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
}

void print_visits(const Visits& visits, Terminal& terminal) {
  const auto packets = static_cast<double>(std::max<std::uint64_t>(visits.packets, 1));
  terminal.print(" share     packets  instruction\n");
  each_line(visits.program->program(), [&](std::size_t i, std::string_view line) {
    const std::uint64_t count = visits.of_instruction[i];
    terminal.print(fmt::format("{:5.1f}% {:11}  {}\n", 100 * static_cast<double>(count) / packets,
                               count, line));
  });
  const std::uint64_t sum =
      std::accumulate(visits.of_instruction.begin(), visits.of_instruction.end(), std::uint64_t{0});
  terminal.print(fmt::format("{} executed for {} packets: {:.2f} a packet\n", sum, visits.packets,
                             static_cast<double>(sum) / packets));
}

int explain_paths(const ExplainCommand& command, const FilterText& text, Terminal& terminal) {
  const auto compilation = compile_filter(command.filter, text, terminal);
  if (!compilation) return kBad;
  const auto verified = verify(compilation->program, Rules::kLibpcap);
  const auto paths = verified ? measure_paths(*verified) : std::nullopt;
  if (!paths) {
    terminal.error("the program breaks a rule");
    return kBad;
  }
  terminal.print("executed by then  instruction\n");
  each_line(compilation->program, [&](std::size_t i, std::string_view line) {
    const PathLength& to = paths->to[i];
    const std::string range = to.shortest == to.longest
                                  ? fmt::format("{}", to.shortest)
                                  : fmt::format("{} to {}", to.shortest, to.longest);
    terminal.print(fmt::format("{:>16}  {}\n", range, line));
  });
  terminal.print(fmt::format("{} to {} executed\n", paths->whole.shortest, paths->whole.longest));
  return terminal.finish() ? kDone : kBad;
}

// The packets that precede damage count; then it is false.
bool count_visits(CaptureReader& reader, const std::string& name, FilterPrograms& programs,
                  std::vector<Visits>& kinds, Terminal& terminal) {
  for (;;) {
    const auto next = reader.next();
    if (!next) {
      terminal.error(render(next.error(), name));
      return false;
    }
    if (*next == nullptr) return true;
    const CapturedPacket& packet = **next;
    const VerifiedProgram* program =
        programs.find(packet.link_type, packet.swapped, kDefaultSnaplen);
    if (program == nullptr) return false;
    auto visits = std::find_if(kinds.begin(), kinds.end(),
                               [&](const Visits& kind) { return kind.program == program; });
    if (visits == kinds.end()) {
      kinds.push_back(
          {program, packet.link_type, 0, std::vector<std::uint64_t>(program->program().size())});
      visits = kinds.end() - 1;
    }
    ++visits->packets;
    interpret_counting(*program, {.captured = packet.data, .wire_length = packet.wire_length},
                       visits->of_instruction);
  }
}

}  // namespace

int run(const ExplainCommand& command, Terminal& terminal) {
  auto text = filter_text(command.filter);
  if (!text) {
    terminal.error(text.error());
    return kBad;
  }
  if (command.input.empty()) return explain_paths(command, *text, terminal);
  const std::string name = capture_name(command.input);
  auto reader = open_capture(command.input);
  if (!reader) {
    terminal.error(render(reader.error(), name));
    return kBad;
  }
  FilterPrograms programs(command.filter, std::move(*text), Rules::kLibpcap, terminal);
  // Of a capture without packets too, whether the filter compiles.
  const bool swapped = reader->sections().front().swapped;
  if (programs.find(reader->interfaces().front().link_type, swapped, kDefaultSnaplen) == nullptr) {
    return kBad;
  }
  std::vector<Visits> kinds;
  const bool complete = count_visits(*reader, name, programs, kinds, terminal);
  if (kinds.empty() && complete) terminal.note(fmt::format("{}: no packets", name));
  for (const Visits& kind : kinds) {
    if (kinds.size() > 1) {
      const LinkType* link_type = command.filter.link_type != nullptr
                                      ? command.filter.link_type
                                      : find_link_type_of_file(kind.link_type);
      terminal.print(fmt::format("{}:\n", link_type->name));
    }
    print_visits(kind, terminal);
  }
  return terminal.finish() && complete ? kDone : kBad;
}

}  // namespace bpfc::cli
