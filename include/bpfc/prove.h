// Whether programs are the same filter, proved: for every packet there could be, of any captured
// length, any bytes, any length on the wire and whatever the kernel knows of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bpfc/expected.h"
#include "bpfc/interpreter.h"
#include "bpfc/verify.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

class PacketSolver;  // proof/packet_solver.h

// What two verdicts have to share to be the same.
enum class VerdictView : std::uint8_t {
  kBytes,  // the number that is returned
  kMatch,  // whether it is 0
};

// A byte of a packet, so far as the mask says.
struct KnownByte {
  std::uint32_t position = 0;
  std::uint8_t value = 0;
  std::uint8_t mask = 0xff;
};

struct ProofOptions {
  // Of equivalence(). The other questions ask for matches.
  VerdictView view = VerdictView::kBytes;
  std::chrono::milliseconds timeout{10'000};
  // Decides what decision diagrams cannot. None: that stays unknown. Not owned.
  const PacketSolver* solver = nullptr;
  // What real packets are like: the first of these that some packet which answers the question has
  // is what the witness will have.
  std::vector<std::vector<KnownByte>> likely;
  // Whether decision diagrams are tried before the solver.
  bool diagrams = true;
};

// A packet that answers a question, and what the programs return for it: not as the prover believes
// but as interpret() has it.
struct Witness {
  std::vector<std::uint8_t> captured;
  std::uint32_t wire_length = 0;
  // 0, or where the program asks for them (SKF_NET_OFF, SKF_LL_OFF) as Packet has them.
  std::uint32_t network_offset = 0;
  std::uint32_t link_offset = 0;
  std::optional<Ancillary> ancillary;  // where a program loads ancillary data
  std::uint32_t first = 0;             // verdict of the first program
  std::uint32_t second = 0;            // of the second; of satisfaction() as above

  // For the interpreter. Stands as long as this does.
  Packet view() const;
};

enum class Answer : std::uint8_t { kYes, kNo, kUnknown };

struct Proof {
  Answer answer = Answer::kUnknown;
  // Where the programs differ, the implication does not hold, the programs overlap, the program can
  // be satisfied.
  std::optional<Witness> witness;
  // The witness is the shortest there is: among those that are like `likely`, but of satisfaction()
  // among all.
  bool shortest = false;
  std::string reason;  // why it is unknown, as part of a sentence
};

enum class ProofFailure : std::uint8_t {
  kBackwardJump,    // a program with a loop
  kDifferentRules,  // the programs have been verified by different rules
  kInternal,        // a packet was found that the interpreter says is none: a fault of the prover
};

struct ProofError {
  ProofFailure code = ProofFailure::kInternal;
  std::string message;  // one sentence
};

// All are bounded by the timeout (looked at some thousand times a second; the solver's own look is
// less frequent), deterministic up to it, and thread-safe. The packets are those of up to 2^32-1
// bytes, and where only packets above 64 MiB answer a question that is unknown. The arithmetic is
// of the rules that the programs were verified by.

// Whether no packet tells them apart.
Expected<Proof, ProofError> equivalence(const VerifiedProgram& first, const VerifiedProgram& second,
                                        const ProofOptions& options = {});
// Whether the second matches what the first matches.
Expected<Proof, ProofError> implication(const VerifiedProgram& first, const VerifiedProgram& second,
                                        const ProofOptions& options = {});
// Whether there is a packet that both match.
Expected<Proof, ProofError> overlap(const VerifiedProgram& first, const VerifiedProgram& second,
                                    const ProofOptions& options = {});
// Whether there is a packet that it matches.
Expected<Proof, ProofError> satisfaction(const VerifiedProgram& program,
                                         const ProofOptions& options = {});

}  // namespace bpfc
