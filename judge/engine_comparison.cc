#include "judge/engine_comparison.h"

#include <algorithm>
#include <array>

namespace bpfc::judge {
namespace {

// So many at a time bound the memory that sightings take.
constexpr std::size_t kPacketsInABatch = 256;
constexpr std::size_t kLongestTried = 4096;
constexpr int kRounds = 3;

Verdict kept_of(std::uint32_t returned, const Packet& packet) {
  const auto size = static_cast<std::uint32_t>(packet.captured.size());
  return {returned != 0, std::min(returned, size)};
}

// A socket does not tell whether it was given nothing or an empty packet.
Verdict as_seen(std::uint32_t kept) { return {kept != 0, kept}; }

}  // namespace

EngineComparison::EngineComparison(std::span<const VerifiedProgram* const> programs,
                                   std::span<Court* const> courts)
    : programs_(programs.begin(), programs.end()) {
  const auto add_tallies = [&](std::optional<Vantage> vantage) {
    for (std::size_t i = 0; i < programs_.size(); ++i) {
      tallies_.push_back({.vantage = vantage, .program = i});
    }
  };
  for (const VerifiedProgram* program : programs_) copies_.push_back(*program);
  for (const VerifiedProgram* program : programs_) engines_.emplace_back(*program);
  for (const UserEngine engine : kUserEngines) {
    add_tallies(std::nullopt);
    for (std::size_t i = 0; i < programs_.size(); ++i) {
      tallies_[tallies_.size() - 1 - i].engine = engine;
    }
  }
  for (Court* court : courts) {
    benches_.push_back({court, tallies_.size()});
    for (const Vantage vantage : court->vantages) add_tallies(vantage);
  }
}

Verdict EngineComparison::run(std::size_t program, const Packet& packet) const {
  return kept_of(interpret(*programs_[program], packet), packet);
}

void EngineComparison::count(std::size_t tally, const Opinion& opinion, const TestPacket& packet) {
  EngineTally& counts = tallies_[tally];
  ++counts.packets;
  counts.accepted += opinion.verdict.accepts ? 1 : 0;
  if (opinion.verdict == opinion.expected) return;
  ++counts.disagreements;
  const bool better = !disagreement_ ||
                      (in_user_space(tally) && !in_user_space(disagreement_->tally)) ||
                      (in_user_space(tally) == in_user_space(disagreement_->tally) &&
                       packet.bytes.size() < disagreement_->packet.bytes.size());
  if (better) disagreement_ = {tally, packet};
}

std::optional<Opinion> EngineComparison::opinion(std::size_t tally, const Packet& packet) const {
  const UserEngines& engines = engines_[tally % programs_.size()];
  const auto returned = engines.run(kUserEngines[tally / programs_.size()], packet);
  if (!returned) return std::nullopt;
  return Opinion{kept_of(*returned, packet), run(0, packet)};
}

void EngineComparison::judge_in_user_space(std::span<const TestPacket> packets) {
  for (std::size_t next = 0; next < packets.size(); next += GuardedRoom::kPackets) {
    const auto some = packets.subspan(next, std::min(GuardedRoom::kPackets, packets.size() - next));
    std::vector<Packet> views;
    for (std::size_t i = 0; i < some.size(); ++i) {
      views.push_back(some[i].view());
      views.back().captured = room_.put(i, some[i].bytes);
    }
    const std::size_t batch = (kUserEngines.size() - 1) * programs_.size();
    for (std::size_t tally = 0; tally < batch; ++tally) {
      for (std::size_t i = 0; i < some.size(); ++i) {
        const auto said = opinion(tally, views[i]);
        if (said) {
          count(tally, *said, some[i]);
        } else {
          ++tallies_[tally].not_judged;
        }
      }
    }
    judge_batch(some, views);
  }
}

// Those that are no more than bytes, together.
void EngineComparison::judge_batch(std::span<const TestPacket> packets,
                                   std::span<const Packet> views) {
  std::vector<std::size_t> plain;
  std::vector<PacketView> batch;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (views[i].ancillary != nullptr) continue;
    plain.push_back(i);
    batch.push_back({views[i].captured.data(), static_cast<std::uint32_t>(views[i].captured.size()),
                     views[i].wire_length});
  }
  std::vector<std::uint32_t> verdicts(batch.size());
  for (std::size_t program = 0; program < programs_.size(); ++program) {
    const std::size_t tally = (kUserEngines.size() - 1) * programs_.size() + program;
    if (!engines_[program].run_batch(batch, verdicts)) {
      tallies_[tally].not_judged += packets.size();
      continue;
    }
    tallies_[tally].not_judged += packets.size() - plain.size();
    for (std::size_t i = 0; i < plain.size(); ++i) {
      const Packet& view = views[plain[i]];
      count(tally, {kept_of(verdicts[i], view), run(0, view)}, packets[plain[i]]);
    }
  }
}

template <typename Visit>
Expected<void, std::string> EngineComparison::hear(const Bench& bench,
                                                   std::span<const TestPacket> packets,
                                                   Visit visit) {
  std::vector<std::vector<std::uint8_t>> sent;
  sent.reserve(packets.size());
  for (const TestPacket& packet : packets) {
    sent.push_back(bench.court->sends_frames ? packet.frame() : packet.bytes);
  }
  auto judgement = bench.court->judge->verdicts(copies_, sent);
  if (!judgement) {
    bench.court->judge = nullptr;
    return Unexpected<std::string>(std::move(judgement.error()));
  }
  for (const auto& refusal : judgement->refusals) {
    if (!refusal) continue;
    const bool known =
        std::find(refusals_.begin(), refusals_.end(), refusal->message) != refusals_.end();
    if (!known) refusals_.push_back(refusal->message);
  }
  for (const Sighting& sighting : judgement->sightings) {
    const auto place =
        std::find(bench.court->vantages.begin(), bench.court->vantages.end(), sighting.vantage) -
        bench.court->vantages.begin();
    const std::size_t first =
        bench.first_tally + static_cast<std::size_t>(place) * programs_.size();
    const Packet view = sighting.view();
    const Verdict expected = as_seen(run(0, view).kept);
    for (std::size_t i = 0; i < programs_.size(); ++i) {
      if (judgement->refusals[i]) continue;
      Verdict said = as_seen(sighting.kept[i]);
      // What the interpreter says of this program here counts too.
      if (said == expected) said = as_seen(run(i, view).kept);
      visit(first + i, Opinion{said, expected}, packets[sighting.packet]);
    }
  }
  return {};
}

Expected<void, std::string> EngineComparison::judge_in_kernel(const Bench& bench,
                                                              std::span<const TestPacket> packets) {
  Expected<void, std::string> result;
  for (std::size_t next = 0; next < packets.size(); next += kPacketsInABatch) {
    const auto batch = packets.subspan(next, std::min(kPacketsInABatch, packets.size() - next));
    const auto heard_packets = batch.first(
        static_cast<std::size_t>(std::min<std::uint64_t>(batch.size(), bench.court->most_packets)));
    const auto judged_before = [&] {
      std::vector<std::uint64_t> judged;
      for (const EngineTally& tally : tallies_) judged.push_back(tally.packets);
      return judged;
    }();
    if (!heard_packets.empty() && bench.court->judge != nullptr) {
      bench.court->most_packets -= heard_packets.size();
      auto heard = hear(bench, heard_packets,
                        [&](std::size_t tally, const Opinion& opinion, const TestPacket& packet) {
                          count(tally, opinion, packet);
                        });
      if (!heard) result = std::move(heard);
    }
    const std::size_t tallies = bench.court->vantages.size() * programs_.size();
    for (std::size_t i = bench.first_tally; i < bench.first_tally + tallies; ++i) {
      tallies_[i].not_judged += batch.size() - (tallies_[i].packets - judged_before[i]);
    }
  }
  return result;
}

Expected<void, std::string> EngineComparison::judge(std::span<const TestPacket> packets) {
  judge_in_user_space(packets);
  Expected<void, std::string> result;
  for (const Bench& bench : benches_) {
    if (auto judged = judge_in_kernel(bench, packets); !judged) result = std::move(judged);
  }
  return result;
}

std::vector<std::optional<Opinion>> EngineComparison::opinions(const TestPacket& packet) {
  std::vector<std::optional<Opinion>> all(tallies_.size());
  for (std::size_t tally = 0; in_user_space(tally); ++tally) {
    all[tally] = opinion(tally, packet.view());
  }
  for (const Bench& bench : benches_) {
    if (bench.court->judge == nullptr) continue;
    const auto heard = hear(bench, std::span(&packet, 1),
                            [&](std::size_t tally, const Opinion& opinion, const TestPacket&) {
                              all[tally] = opinion;
                            });
    // What cannot go on has no opinion.
    (void)heard;
  }
  return all;
}

bool EngineComparison::disagrees(std::size_t tally, const TestPacket& packet) {
  const auto differ = [](const std::optional<Opinion>& opinion) {
    return opinion && !(opinion->verdict == opinion->expected);
  };
  if (in_user_space(tally)) return differ(opinion(tally, packet.view()));
  return differ(opinions(packet)[tally]);
}

TestPacket EngineComparison::smallest(const Disagreement& disagreement) {
  TestPacket best = disagreement.packet;
  const auto try_one = [&](TestPacket candidate) {
    if (candidate == best || !disagrees(disagreement.tally, candidate)) return false;
    best = std::move(candidate);
    return true;
  };
  const auto cut = [&](std::size_t length) {
    TestPacket shorter = best;
    shorter.bytes.resize(length);
    if (best.is_whole()) shorter.wire_length = static_cast<std::uint32_t>(length);
    return shorter;
  };
  TestPacket simple = best;
  simple.wire_length = static_cast<std::uint32_t>(simple.bytes.size());
  try_one(simple);
  simple = best;
  simple.ancillary.reset();
  try_one(simple);
  for (int round = 0; round < kRounds; ++round) {
    const TestPacket before = best;
    const std::size_t limit = std::min(best.bytes.size(), kLongestTried);
    for (std::size_t length = 0; length < limit; ++length) {
      if (try_one(cut(length))) break;
    }
    for (const std::size_t size : std::to_array<std::size_t>({256, 16, 1})) {
      for (std::size_t at = 0; at < std::min(best.bytes.size(), kLongestTried); at += size) {
        TestPacket emptier = best;
        std::fill_n(emptier.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    std::min(size, emptier.bytes.size() - at), std::uint8_t{0});
        try_one(std::move(emptier));
      }
    }
    for (const AncillaryInfo& row : kAncillaryLoads) {
      TestPacket emptier = best;
      if (!emptier.ancillary || !set_ancillary_field(*emptier.ancillary, row.load, 0)) continue;
      try_one(std::move(emptier));
    }
    if (best == before) break;
  }
  return best;
}

}  // namespace bpfc::judge
