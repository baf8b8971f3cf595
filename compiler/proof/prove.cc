#include "bpfc/prove.h"

#include <fmt/format.h>

#include <utility>

#include "proof/diagram_machine.h"
#include "proof/packet_solver.h"
#include "proof/symbolic_run.h"

namespace bpfc {
namespace {

using proof::Finding;
using proof::Question;
using proof::Search;

Unexpected<ProofError> failure(ProofFailure code, std::string message) {
  return Unexpected<ProofError>(ProofError{code, std::move(message)});
}

std::optional<Unexpected<ProofError>> misfit(const VerifiedProgram& first,
                                             const VerifiedProgram& second) {
  if (first.rules() != second.rules()) {
    return failure(ProofFailure::kDifferentRules,
                   "one program is for the kernel's rules, the other for libpcap's");
  }
  if (proof::has_loop(first) || proof::has_loop(second)) {
    return failure(ProofFailure::kBackwardJump,
                   "a program jumps backward, and only programs without loops can be proved");
  }
  return std::nullopt;
}

bool is_confirmed(const Search& search, Witness& witness) {
  witness.first = interpret(search.first, witness.view());
  witness.second = interpret(search.second, witness.view());
  return proof::answers(search.question, witness.first, witness.second);
}

// The cheapest way first. A guess that is none is as good as nothing.
Finding find_packet(const Search& search, const ProofOptions& options) {
  Finding finding;
  if (search.question != Question::kBothMatch &&
      search.first.program() == search.second.program()) {
    finding.kind = Finding::Kind::kNone;
    return finding;
  }
  bool guessed_in_vain = false;
  const auto take = [&](Finding found) {
    finding = std::move(found);
    if (finding.kind == Finding::Kind::kPacket && finding.guessed &&
        !is_confirmed(search, finding.witness)) {
      finding = {};
      guessed_in_vain = true;
      finding.reason = "a packet that was guessed is none";
    }
    return finding.kind != Finding::Kind::kUnknown ||
           std::chrono::steady_clock::now() >= search.deadline;
  };
  if (options.diagrams) {
    if (!search.shortest_of_all && take(proof::find_by_diagrams(search, true))) return finding;
    if ((search.shortest_of_all || guessed_in_vain) &&
        take(proof::find_by_diagrams(search, false))) {
      return finding;
    }
  }
  if (options.solver != nullptr) take(options.solver->find(search));
  return finding;
}

// `if_found`: the answer to the caller's question where there is a packet that answers ours.
Expected<Proof, ProofError> prove(const VerifiedProgram& first, const VerifiedProgram& second,
                                  Question question, Answer if_found, const ProofOptions& options) {
  if (const auto wrong = misfit(first, second)) return *wrong;
  const Search search{.first = first,
                      .second = second,
                      .question = question,
                      .likely = options.likely,
                      .shortest_of_all = &first == &second,
                      .deadline = std::chrono::steady_clock::now() + options.timeout};
  Finding finding = find_packet(search, options);
  Proof result;
  switch (finding.kind) {
    case Finding::Kind::kUnknown:
      result.reason = std::move(finding.reason);
      return result;
    case Finding::Kind::kNone:
      result.answer = if_found == Answer::kYes ? Answer::kNo : Answer::kYes;
      return result;
    case Finding::Kind::kPacket:
      break;
  }
  Witness& witness = finding.witness;
  if (!is_confirmed(search, witness)) {
    return failure(ProofFailure::kInternal,
                   fmt::format("a packet of {} bytes was found which the interpreter does not "
                               "confirm: this is a fault of the prover",
                               witness.captured.size()));
  }
  result.answer = if_found;
  result.shortest = finding.shortest;
  result.witness = std::move(witness);
  return result;
}

}  // namespace

Packet Witness::view() const {
  return {.captured = captured,
          .wire_length = wire_length,
          .network_offset = network_offset,
          .link_offset = link_offset,
          .ancillary = ancillary ? &*ancillary : nullptr};
}

Expected<Proof, ProofError> equivalence(const VerifiedProgram& first, const VerifiedProgram& second,
                                        const ProofOptions& options) {
  const bool bytes = options.view == VerdictView::kBytes;
  return prove(first, second, bytes ? Question::kDiffer : Question::kDifferInMatch, Answer::kNo,
               options);
}

Expected<Proof, ProofError> implication(const VerifiedProgram& first, const VerifiedProgram& second,
                                        const ProofOptions& options) {
  return prove(first, second, Question::kFirstAlone, Answer::kNo, options);
}

Expected<Proof, ProofError> overlap(const VerifiedProgram& first, const VerifiedProgram& second,
                                    const ProofOptions& options) {
  return prove(first, second, Question::kBothMatch, Answer::kYes, options);
}

Expected<Proof, ProofError> satisfaction(const VerifiedProgram& program,
                                         const ProofOptions& options) {
  return prove(program, program, Question::kBothMatch, Answer::kYes, options);
}

}  // namespace bpfc
