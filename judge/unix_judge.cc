#include "judge/unix_judge.h"

namespace bpfc::judge {
namespace {

constexpr std::uint32_t kNoHeader = 0xffffffffU;

}  // namespace

Expected<std::unique_ptr<UnixJudge>, std::string> UnixJudge::make() {
  const auto processor = stay_on_processor();
  if (!processor) return Unexpected<std::string>("the thread cannot be kept on one processor");
  auto pair = DatagramPair::make();
  if (!pair) return Unexpected<std::string>(std::move(pair.error()));
  return std::unique_ptr<UnixJudge>(new UnixJudge(*std::move(pair), *processor));
}

Expected<Judgement, std::string> UnixJudge::verdicts(
    std::span<const VerifiedProgram> programs, std::span<const std::vector<std::uint8_t>> packets) {
  // By packet; empty where a packet was not sent.
  std::vector<std::vector<std::uint32_t>> kept(packets.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (!packets[i].empty()) kept[i].resize(programs.size());
  }
  Judgement judgement;
  judgement.refusals.resize(programs.size());
  for (std::size_t i = 0; i < programs.size(); ++i) {
    if (auto attached = pair_.attach(programs[i]); !attached) {
      judgement.refusals[i] = std::move(attached.error());
      continue;
    }
    for (std::size_t packet = 0; packet < packets.size(); ++packet) {
      if (kept[packet].empty()) continue;
      if (const auto verdict = pair_.verdict(packets[packet])) {
        kept[packet][i] = *verdict;
      } else {
        kept[packet].clear();
      }
    }
  }
  Ancillary known;
  known.cpu = processor_;
  for (std::size_t packet = 0; packet < packets.size(); ++packet) {
    if (kept[packet].empty()) {
      ++judgement.not_judged;
      continue;
    }
    judgement.sightings.push_back({.packet = packet,
                                   .vantage = Vantage::kUnixSocket,
                                   .bytes = packets[packet],
                                   .network_offset = 0,
                                   .link_offset = kNoHeader,
                                   .ancillary = known,
                                   .kept = std::move(kept[packet])});
  }
  return judgement;
}

}  // namespace bpfc::judge
