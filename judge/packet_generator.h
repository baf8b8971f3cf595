// Packets that tell programs apart: those that take every branch both ways, cut and changed copies
// of them and of real ones, and random ones.
#pragma once

#include <span>
#include <vector>

#include "judge/branch_explorer.h"

namespace bpfc::judge {

// Deterministic: the same programs, seed and calls make the same packets. Not thread-safe.
class PacketGenerator {
 public:
  static constexpr std::uint64_t kUsualEffort = 10'000'000;

  // As BranchExplorer's.
  PacketGenerator(std::span<const VerifiedProgram* const> programs, std::uint64_t seed,
                  std::uint64_t effort = kUsualEffort)
      : programs_(programs.begin(), programs.end()), explorer_(programs, seed, effort) {}

  // A real packet: counted in the coverage, and one to start from if it teaches anything.
  void learn(const TestPacket& packet) { explorer_.learn(packet); }

  // Packets for the branches, then copies of them, some thousands at most: cut before, in and
  // behind each load, with the whole packet's length on the wire and as short packets, and with
  // each bit of the loads, and what was compared, changed. To be called once, after the learning.
  std::vector<TestPacket> branch_packets();
  // A changed copy of one of those met so far; at times one of random bytes.
  TestPacket random_packet();

  // Of one of the programs, by all packets learned and made.
  const BranchCoverage& coverage(std::size_t program) const { return explorer_.coverage(program); }

 private:
  // By any of the programs, in ascending order.
  std::vector<std::size_t> bytes_looked_at(const TestPacket& packet);
  void add_cut_copies(const TestPacket& packet, std::vector<TestPacket>& made);
  void add_changed_copies(const TestPacket& packet, std::vector<TestPacket>& made);

  std::vector<const VerifiedProgram*> programs_;
  BranchExplorer explorer_;
  Trace trace_;
};

}  // namespace bpfc::judge
