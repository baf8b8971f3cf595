#include "judge/packet_judge.h"

#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "judge/network_namespace.h"

namespace bpfc::judge {
namespace {

constexpr std::size_t kAmpleOptionMemory = 8'000'000;
constexpr auto kLongestWait = std::chrono::seconds(3);

// Tells that all frames before it have come or will not come. Of an ethertype for experiments.
std::vector<std::uint8_t> marker(std::uint32_t number) {
  std::vector<std::uint8_t> frame(60, 0xa7);
  frame[12] = 0x88;
  frame[13] = 0xb5;
  std::memcpy(&frame[14], &number, sizeof number);
  return frame;
}

}  // namespace

Expected<std::unique_ptr<PacketJudge>, std::string> PacketJudge::make(std::size_t most_programs) {
  if (auto why = enter_network_namespace(); !why.empty()) return Unexpected<std::string>(why);
  // Where the limit is not the namespace's own (before Linux 6.8), large programs are refused.
  set_option_memory(kAmpleOptionMemory);
  // Filters on receive run where the frame was sent, and not while this thread looks.
  const auto processor = stay_on_processor();
  if (!processor) return Unexpected<std::string>("the thread cannot be kept on one processor");
  auto interfaces = make_veth_pair("judge");
  if (!interfaces) return Unexpected<std::string>(interfaces.error());
  const int sender = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (sender < 0) {
    return Unexpected<std::string>(std::string("socket(AF_PACKET): ") + std::strerror(errno));
  }
  std::unique_ptr<PacketJudge> judge(
      new PacketJudge(*std::move(interfaces), sender, *processor, most_programs));
  for (const auto& [end, vantage] : {std::pair{&judge->interfaces_.far, Vantage::kReceive},
                                     std::pair{&judge->interfaces_.near, Vantage::kTransmit}}) {
    auto tap = PacketTap::open(end->index, vantage, most_programs);
    if (!tap) return Unexpected<std::string>(tap.error());
    judge->taps_.push_back(*std::move(tap));
  }
  if (!judge->settle()) {
    return Unexpected<std::string>("frames sent on a veth interface do not arrive");
  }
  return judge;
}

PacketJudge::~PacketJudge() { close(sender_); }

bool PacketJudge::send_frame(std::span<const std::uint8_t> frame) const {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(interfaces_.near.index);
  to.sll_halen = 6;
  return sendto(sender_, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                sizeof to) == static_cast<ssize_t>(frame.size());
}

// Sends markers until the last one has come by both ends, and throws away all that has. False: none
// comes.
bool PacketJudge::settle() {
  const auto limit = std::chrono::steady_clock::now() + kLongestWait;
  while (std::chrono::steady_clock::now() < limit) {
    const std::vector<std::uint8_t> wanted = marker(markers_++);
    if (!send_frame(wanted)) return false;
    std::size_t seen = 0;
    for (PacketTap& tap : taps_) {
      Sighting sighting;
      while (sighting.bytes != wanted && tap.look(0, sighting) != PacketTap::Outcome::kNothing) {
      }
      seen += sighting.bytes == wanted ? 1 : 0;
    }
    // The kernel may need the processor to deliver.
    if (seen < taps_.size()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (PacketTap& tap : taps_) tap.drain();
    if (seen == taps_.size()) return true;
  }
  return false;
}

Expected<Judgement, std::string> PacketJudge::verdicts(
    std::span<const VerifiedProgram> programs, std::span<const std::vector<std::uint8_t>> packets) {
  if (programs.size() > most_programs_) {
    return Unexpected<std::string>("more programs than the judge has sockets for");
  }
  Judgement judgement;
  judgement.refusals.resize(programs.size());
  for (PacketTap& tap : taps_) {
    for (std::size_t i = 0; i < programs.size(); ++i) {
      auto attached = tap.attach(i, programs[i]);
      if (!attached) judgement.refusals[i] = std::move(attached.error());
    }
    if (auto silenced = tap.silence_from(programs.size()); !silenced) {
      return Unexpected<std::string>(silenced.error().message);
    }
    tap.drain();
  }
  for (std::size_t packet = 0; packet < packets.size(); ++packet) {
    if (!send_frame(packets[packet])) {
      judgement.not_judged += taps_.size();
      continue;
    }
    bool unsettled = false;
    for (PacketTap& tap : taps_) {
      Sighting sighting;
      sighting.packet = packet;
      sighting.ancillary.cpu = processor_;
      const PacketTap::Outcome outcome = tap.look(programs.size(), sighting);
      const bool alone = outcome != PacketTap::Outcome::kNothing && !tap.has_more();
      unsettled = unsettled || !alone;
      if (alone && outcome == PacketTap::Outcome::kSeen) {
        judgement.sightings.push_back(std::move(sighting));
      } else {
        ++judgement.not_judged;
      }
    }
    if (unsettled && !settle()) {
      return Unexpected<std::string>("frames sent on a veth interface no longer arrive");
    }
  }
  return judgement;
}

}  // namespace bpfc::judge
