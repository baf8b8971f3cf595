// Packets that tell programs apart: those that take every branch both ways, cut and changed copies
// of them and of real ones, and random ones.
#pragma once

#include <span>
#include <vector>

#include "judge/branch_coverage.h"
#include "judge/random_source.h"
#include "judge/test_packet.h"
#include "judge/trace.h"

namespace bpfc::judge {

// Deterministic: the same programs, seed and calls make the same packets. Not thread-safe.
//
// A branch is reached by reasoning on a run: what the value that it decides on was computed from is
// changed so that it goes the other way while those before it go the same. Where that fails chance
// is tried, for a bounded number of steps. Ways that no packet takes stay missing in coverage().
// Then packets are looked for that go each way and are accepted all the same.
class PacketGenerator {
 public:
  static constexpr std::uint64_t kUsualEffort = 10'000'000;

  // The programs must outlive this. Where one of them loads ancillary data, packets have some.
  // `effort` bounds the instructions that are run in search of packets for the branches: where all
  // are reached far fewer are.
  PacketGenerator(std::span<const VerifiedProgram* const> programs, std::uint64_t seed,
                  std::uint64_t effort = kUsualEffort);

  // A real packet: counted in the coverage, and one to start from if it teaches anything.
  void learn(const TestPacket& packet);

  // Packets for the branches, then copies of them, some thousands at most: cut before, in and
  // behind each load, with the whole packet's length on the wire and as short packets, and with
  // each bit of the loads, and what was compared, changed. To be called once, after the learning.
  std::vector<TestPacket> branch_packets();
  // A changed copy of one of those met so far; at times one of random bytes.
  TestPacket random_packet();

  // Of one of the programs, by all packets learned and made.
  const BranchCoverage& coverage(std::size_t program) const { return subjects_[program].coverage; }

 private:
  struct Subject {
    const VerifiedProgram* program;
    BranchCoverage coverage;
    BranchCoverage accepting;  // by packets that the program accepts
  };

  TestPacket blank(std::size_t size) const;
  void run(const Subject& subject, const TestPacket& packet, Trace& result);
  // Runs it in all programs; whether it went a new way in one.
  bool observe(const TestPacket& packet);
  // observe(), and keeps the packet if it did.
  bool keep_if_new(const TestPacket& packet);
  bool complete() const;

  void explore(Subject& subject, const TestPacket& from);
  bool turn(Subject& subject, const TestPacket& from, const Trace& path, std::size_t at,
            TestPacket& turned);
  void wander();
  void detour(Subject& subject, const TestPacket& from);
  void rejoin(const Subject& subject, const Trace& path, std::size_t after, TestPacket& packet);
  // By any of the programs, in ascending order.
  std::vector<std::size_t> bytes_looked_at(const TestPacket& packet);
  void add_cut_copies(const TestPacket& packet, std::vector<TestPacket>& made);
  void add_changed_copies(const TestPacket& packet, std::vector<TestPacket>& made);
  void change(TestPacket& packet);
  void change_on_the_way(TestPacket& packet);

  RandomSource random_;
  std::vector<Subject> subjects_;
  bool with_ancillary_ = false;
  std::vector<TestPacket> kept_;
  std::uint64_t steps_left_;
  Trace trace_;  // of observe()
};

}  // namespace bpfc::judge
