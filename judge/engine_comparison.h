// Programs that should be one and the same filter, in every engine, on many packets.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "judge/guarded_room.h"
#include "judge/kernel_judge.h"
#include "judge/test_packet.h"
#include "judge/user_engine.h"

namespace bpfc::judge {

// What an engine did with a program. A verdict is what is kept of a packet: min(what the program
// returns, the bytes there are), or nothing.
struct EngineTally {
  std::optional<Vantage> vantage;  // of a kernel's judge; none: user space
  UserEngine engine = UserEngine::kReference;
  std::size_t program = 0;    // which of those compared
  std::uint64_t packets = 0;  // judged
  std::uint64_t accepted = 0;
  // Verdicts that are not the reference engine's on the first program.
  std::uint64_t disagreements = 0;
  std::uint64_t not_judged = 0;  // of the packets, as they were given
};

// A verdict of each tally on one packet; none: not judged.
struct Verdict {
  bool accepts = false;
  std::uint32_t kept = 0;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};
// What an engine said, and what it should have: the metadata, and with it the right verdict, may
// differ from one place to the next.
struct Opinion {
  Verdict verdict;
  Verdict expected;
};

// A packet on which the engine of a tally disagrees.
struct Disagreement {
  std::size_t tally = 0;
  TestPacket packet;
};

// A judge and what it may be asked.
struct Court {
  KernelJudge* judge = nullptr;
  std::vector<Vantage> vantages;  // where it looks
  bool sends_frames = false;      // tags stand in the bytes that it sends
  std::uint64_t most_packets = 0;
};

// Not thread-safe: the judges are for the thread that made them.
class EngineComparison {
 public:
  // `programs`, of the same rules, and the judges must outlive this. Where there are judges the
  // rules are the kernel's.
  EngineComparison(std::span<const VerifiedProgram* const> programs,
                   std::span<Court* const> courts);

  // To a kernel's judge a packet that was cut is a short packet. Those beyond what it may be asked
  // it has not judged. An error: a judge could not go on, and why; the others have
  // judged. It is not asked again.
  Expected<void, std::string> judge(std::span<const TestPacket> packets);

  // By engine, those of user space first, then by program: the first engine's, on the first
  // program, are what all should say.
  const std::vector<EngineTally>& tallies() const { return tallies_; }
  // Why a kernel took a program not, as sentences.
  const std::vector<std::string>& refusals() const { return refusals_; }
  // The shortest one met; one in user space where there is any.
  const std::optional<Disagreement>& disagreement() const { return disagreement_; }

  // Of each tally, without counting.
  std::vector<std::optional<Opinion>> opinions(const TestPacket& packet);
  // A packet as short and as empty as could be found on which the same tally disagrees.
  TestPacket smallest(const Disagreement& disagreement);

 private:
  struct Bench {
    Court* court;
    std::size_t first_tally;
  };

  Verdict run(std::size_t program, const Packet& packet) const;
  // Whether a tally is of an engine of user space; what that says of a packet, if it takes it.
  bool in_user_space(std::size_t tally) const {
    return tally < kUserEngines.size() * programs_.size();
  }
  std::optional<Opinion> opinion(std::size_t tally, const Packet& packet) const;
  void count(std::size_t tally, const Opinion& opinion, const TestPacket& packet);
  void judge_in_user_space(std::span<const TestPacket> packets);
  void judge_batch(std::span<const TestPacket> packets, std::span<const Packet> views);
  Expected<void, std::string> judge_in_kernel(const Bench& bench,
                                              std::span<const TestPacket> packets);
  // `visit(packet, sighting, refusals)` for each.
  template <typename Visit>
  Expected<void, std::string> hear(const Bench& bench, std::span<const TestPacket> packets,
                                   Visit visit);
  bool disagrees(std::size_t tally, const TestPacket& packet);

  std::vector<const VerifiedProgram*> programs_;
  std::vector<VerifiedProgram> copies_;  // as judges want them
  std::vector<UserEngines> engines_;     // by program
  GuardedRoom room_;
  std::vector<Bench> benches_;
  std::vector<EngineTally> tallies_;
  std::vector<std::string> refusals_;
  std::optional<Disagreement> disagreement_;
};

}  // namespace bpfc::judge
