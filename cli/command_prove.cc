// bpfc equiv, implies, overlap and satisfy: questions about all packets.
#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <system_error>

#include "bpfc/capture_writer.h"
#include "bpfc/prove.h"
#include "cli/check_report.h"
#include "cli/command.h"
#include "cli/hex_text.h"
#include "cli/likely_packets.h"
#include "cli/packet_summary.h"
#include "cli/prove_programs.h"
#include "cli/solver_module.h"

namespace bpfc::cli {
namespace {

Expected<Proof, ProofError> prove(const ProveCommand& command,
                                  const std::vector<VerifiedProgram>& programs,
                                  const ProofOptions& options) {
  switch (command.question) {
    case ProofQuestion::kImplication:
      return implication(programs[0], programs[1], options);
    case ProofQuestion::kOverlap:
      return overlap(programs[0], programs[1], options);
    case ProofQuestion::kSatisfaction:
      return satisfaction(programs[0], options);
    case ProofQuestion::kEquivalence:
      break;
  }
  return equivalence(programs[0], programs[1], options);
}

std::string_view said(const ProveCommand& command, Answer answer) {
  if (answer == Answer::kUnknown) return "unknown";
  const bool yes = answer == Answer::kYes;
  switch (command.question) {
    case ProofQuestion::kImplication:
      return yes ? "implied" : "not implied";
    case ProofQuestion::kOverlap:
      return yes ? "overlapping" : "disjoint";
    case ProofQuestion::kSatisfaction:
      return yes ? "satisfiable" : "unsatisfiable";
    case ProofQuestion::kEquivalence:
      break;
  }
  return yes ? "equal" : "different";
}

std::string witness_text(const ProveCommand& command, const Witness& witness,
                         std::uint16_t link_type) {
  const std::string bytes =
      witness.captured.empty() ? std::string("of no bytes") : to_hex(witness.captured);
  std::string text = fmt::format("packet {}\n", bytes);
  const auto row = [&](std::string_view name, const auto& value) {
    text += fmt::format("{} {}\n", name, value);
  };
  row("that is", packet_summary(link_type, witness.captured));
  if (witness.wire_length != witness.captured.size())
    row("length on the wire", witness.wire_length);
  if (witness.ancillary) {
    const std::string known = to_text(*witness.ancillary);
    if (!known.empty()) row("kernel's data", known);
  }
  if (witness.network_offset != 0) row("network header at", witness.network_offset);
  if (witness.link_offset != 0) row("link-layer header at", witness.link_offset);
  if (command.question == ProofQuestion::kSatisfaction) {
    row("verdict", witness.first);
  } else {
    text += fmt::format("verdicts {} and {}\n", witness.first, witness.second);
  }
  return text;
}

// What went wrong, or nothing.
std::optional<std::string> write_witness(const ProveCommand& command, const Witness& witness,
                                         std::uint16_t link_type) {
  constexpr int kMode = 0666;
  const int descriptor =
      open(command.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
  if (descriptor < 0) {
    return fmt::format("{}: {}", command.output, std::generic_category().message(errno));
  }
  CaptureInterface interface;
  interface.link_type = link_type;
  interface.snaplen =
      std::max(interface.snaplen, static_cast<std::uint32_t>(witness.captured.size()));
  auto writer = CaptureWriter::attach_pcap(descriptor, DescriptorOwnership::kOwned, interface,
                                           command.filter.target == Target::kSwappedSavefile);
  if (!writer) return render(writer.error(), command.output);
  CapturedPacket packet;
  packet.data = witness.captured;
  packet.wire_length = witness.wire_length;
  const auto written = writer->write(packet);
  if (!written) return render(written.error(), command.output);
  const auto finished = writer->finish();
  if (!finished) return render(finished.error(), command.output);
  return std::nullopt;
}

}  // namespace

int run(const ProveCommand& command, Terminal& terminal) {
  const auto read =
      read_programs(command.texts, command.filter,
                    command.libpcap_rules ? Rules::kLibpcap : Rules::kKernel, terminal);
  if (!read) return kUsage;
  ProofOptions options;
  options.timeout = std::chrono::seconds(command.timeout_seconds);
  if (command.matches_only) options.view = VerdictView::kMatch;
  const LinkType& link_type = *compile_options(command.filter).link_type;
  options.likely = likely_packets(link_type);

  const auto start = std::chrono::steady_clock::now();
  const auto proof = prove_with_module(
      [&](const ProofOptions& given) { return prove(command, read->programs, given); }, options);
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  if (!proof) {
    terminal.error(proof.error().message);
    return kUsage;
  }
  terminal.print(fmt::format("{}\n", said(command, proof->answer)));
  if (proof->witness) {
    terminal.print(witness_text(command, *proof->witness, link_type.file_number));
    if (!command.output.empty()) {
      const auto wrong = write_witness(command, *proof->witness, link_type.file_number);
      if (wrong) {
        terminal.error(*wrong);
        return kUsage;
      }
    }
  }
  if (!terminal.finish()) return kUsage;
  const std::string why = proof->reason.empty() ? "" : fmt::format(": {}", proof->reason);
  terminal.note(fmt::format("{:.1f} ms{}", spent.count(), why));
  return exit_code(proof->answer);
}

}  // namespace bpfc::cli
