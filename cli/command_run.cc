// bpfc run: the verdicts of a program, or of a filter, on packets.
#include <fmt/format.h>

#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "cli/command.h"
#include "cli/compile_filter.h"
#include "cli/filter_programs.h"
#include "cli/hex_text.h"
#include "cli/packet_source.h"

namespace bpfc::cli {
namespace {

Rules rules_of(const RunCommand& command) {
  return command.libpcap_rules ? Rules::kLibpcap : Rules::kKernel;
}

std::optional<VerifiedProgram> verified(Program program, const RunCommand& command,
                                        std::string_view origin, Terminal& terminal) {
  auto result = verify(program, rules_of(command));
  if (result) return std::move(*result);
  terminal.error(fmt::format("{}: the program breaks a rule of {}: {}", origin,
                             command.libpcap_rules ? "libpcap" : "the kernel",
                             result.error().message));
  return std::nullopt;
}

std::optional<VerifiedProgram> read_program(const RunCommand& command, Terminal& terminal) {
  const auto text = read_file(command.program);
  if (!text) {
    terminal.error(text.error());
    return std::nullopt;
  }
  const std::string origin = capture_name(command.program);
  auto program = parse_program(*text);
  if (!program) {
    terminal.diagnostic(program.error(), *text, origin, "error");
    return std::nullopt;
  }
  return verified(std::move(*program), command, origin, terminal);
}

// Prints verdicts and counts what they cost.
class Verdicts {
 public:
  Verdicts(const RunCommand& command, Terminal& terminal)
      : command_(command), terminal_(terminal) {}

  void print(const VerifiedProgram& program, std::span<const std::uint8_t> bytes,
             std::uint32_t wire_length) {
    const std::uint32_t verdict =
        interpret(program, {.captured = bytes, .wire_length = wire_length}, &executed_);
    ++packets_;
    terminal_.print(fmt::format("{}\n", verdict));
  }

  int finish(bool complete) {
    if (!terminal_.finish()) return kBad;
    if (command_.statistics && packets_ > 0) {
      terminal_.note(fmt::format("{} packets; {:.1f} instructions executed a packet", packets_,
                                 static_cast<double>(executed_) / static_cast<double>(packets_)));
    }
    return complete ? kDone : kBad;
  }

 private:
  const RunCommand& command_;
  Terminal& terminal_;
  std::uint64_t packets_ = 0;
  std::uint64_t executed_ = 0;
};

int run_on_packet(const RunCommand& command, const std::optional<VerifiedProgram>& program,
                  const FilterText& text, Terminal& terminal) {
  const auto bytes = parse_hex(command.packet);
  if (!bytes) {
    terminal.error("--packet takes hexadecimal digits in pairs");
    return kUsage;
  }
  Verdicts verdicts(command, terminal);
  const auto wire_length = command.wire_length.value_or(static_cast<std::uint32_t>(bytes->size()));
  if (program) {
    verdicts.print(*program, *bytes, wire_length);
    return verdicts.finish(true);
  }
  const auto compilation = compile_filter(command.filter, text, terminal);
  if (!compilation) return kBad;
  const auto compiled = verified(compilation->program, command, text.origin, terminal);
  if (!compiled) return kBad;
  verdicts.print(*compiled, *bytes, wire_length);
  return verdicts.finish(true);
}

int run_on_capture(const RunCommand& command, const std::optional<VerifiedProgram>& program,
                   const FilterText& text, Terminal& terminal) {
  auto reader = open_capture(command.input);
  if (!reader) {
    terminal.error(render(reader.error(), capture_name(command.input)));
    return kBad;
  }
  FilterPrograms programs(command.filter, text, rules_of(command), terminal);
  Verdicts verdicts(command, terminal);
  while (!terminal.broken()) {
    const auto next = reader->next();
    if (!next) {
      const bool printed = verdicts.finish(false) == kDone;
      (void)printed;
      terminal.error(render(next.error(), capture_name(command.input)));
      return kBad;
    }
    if (*next == nullptr) break;
    const CapturedPacket& packet = **next;
    const VerifiedProgram* chosen =
        program ? &*program
                : programs.find(packet.link_type, packet.swapped,
                                reader->interfaces()[packet.interface].snaplen);
    if (chosen == nullptr) return kBad;
    verdicts.print(*chosen, packet.data, packet.wire_length);
  }
  return verdicts.finish(true);
}

}  // namespace

int run(const RunCommand& command, Terminal& terminal) {
  std::optional<VerifiedProgram> program;
  FilterText text;
  if (!command.program.empty()) {
    program = read_program(command, terminal);
    if (!program) return kBad;
  } else {
    auto read = filter_text(command.filter);
    if (!read) {
      terminal.error(read.error());
      return kBad;
    }
    text = std::move(*read);
  }
  return command.input.empty() ? run_on_packet(command, program, text, terminal)
                               : run_on_capture(command, program, text, terminal);
}

}  // namespace bpfc::cli
