#include "judge/packet_tap.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "bpfc/attach.h"
#include "vm/opcode.h"

namespace bpfc::judge {
namespace {

using enum Operation;

// The longest frame, and some more.
constexpr std::size_t kBufferSize = 1U << 17U;

VerifiedProgram checked(const Program& program) { return *verify(program, Rules::kKernel); }

Instruction instruction(Operation operation, std::uint32_t k = 0) {
  return {encode(operation), 0, 0, k};
}

VerifiedProgram keep(std::uint32_t bytes) { return checked({instruction(kReturnConstant, bytes)}); }
VerifiedProgram return_value(AncillaryLoad load) {
  return checked({instruction(kLoadWordAbsolute, ancillary_offset(load)), instruction(kReturnA)});
}
VerifiedProgram return_excess(AncillaryLoad load) {
  return checked({instruction(kLoadXPacketLength),
                  instruction(kLoadWordAbsolute, ancillary_offset(load)), instruction(kSubtractX),
                  instruction(kReturnA)});
}

constexpr auto kProbed =
    std::to_array<AncillaryLoad>({AncillaryLoad::kMark, AncillaryLoad::kQueue,
                                  AncillaryLoad::kReceiveHash, AncillaryLoad::kPayloadOffset});

std::uint32_t& probed_field(Ancillary& ancillary, AncillaryLoad load) {
  switch (load) {
    case AncillaryLoad::kMark:
      return ancillary.mark;
    case AncillaryLoad::kQueue:
      return ancillary.queue;
    case AncillaryLoad::kReceiveHash:
      return ancillary.receive_hash;
    default:
      return ancillary.payload_offset;
  }
}

// The length that the filter kept of the next packet; 0: there is none.
std::uint32_t kept_of_next(const PacketSocket& socket) {
  std::uint8_t first = 0;
  const ssize_t size = recv(socket.descriptor(), &first, 1, MSG_DONTWAIT | MSG_TRUNC);
  return size > 0 ? static_cast<std::uint32_t>(size) : 0;
}

void drain_socket(const PacketSocket& socket) {
  while (kept_of_next(socket) > 0) {
  }
}

}  // namespace

Expected<PacketTap, std::string> PacketTap::open(std::uint32_t interface_index, Vantage vantage,
                                                 std::size_t programs) {
  const PacketSocketOptions options{.interface_index = interface_index, .blocking = false};
  const auto open_socket = [&](const VerifiedProgram& filter) {
    return PacketSocket::open(filter, options).map_error([](const SocketError& error) {
      return error.message;
    });
  };
  // The kernel serves the socket that was bound first last: what the canary has, all have.
  auto canary = open_socket(keep(0xffffffffU));
  if (!canary) return Unexpected<std::string>(canary.error());
  const int on = 1;
  if (setsockopt(canary->descriptor(), SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) != 0) {
    return Unexpected<std::string>(std::string("PACKET_AUXDATA: ") + std::strerror(errno));
  }
  PacketTap tap(*std::move(canary), vantage);
  tap.buffer_.resize(kBufferSize);
  for (const AncillaryLoad load : kProbed) {
    auto value = open_socket(return_value(load));
    if (!value) return Unexpected<std::string>(value.error());
    auto excess = open_socket(return_excess(load));
    if (!excess) return Unexpected<std::string>(excess.error());
    tap.probes_.push_back({load, *std::move(value), *std::move(excess)});
  }
  for (std::size_t i = 0; i < programs; ++i) {
    auto receiver = open_socket(keep(0));
    if (!receiver) return Unexpected<std::string>(receiver.error());
    tap.receivers_.push_back(*std::move(receiver));
  }
  tap.silent_.assign(programs, true);
  return tap;
}

Expected<void, SocketError> PacketTap::attach(std::size_t place, const VerifiedProgram& program) {
  drain_socket(receivers_[place]);
  auto attached = attach_filter(receivers_[place].descriptor(), program);
  if (!attached) return attached;
  pace_.attached();
  silent_[place] = false;
  return attached;
}

Expected<void, SocketError> PacketTap::silence_from(std::size_t place) {
  for (; place < receivers_.size(); ++place) {
    if (silent_[place]) continue;
    if (auto attached = attach(place, keep(0)); !attached) return attached;
    silent_[place] = true;
  }
  return {};
}

void PacketTap::drain() {
  drain_socket(canary_);
  for (const Probe& probe : probes_) {
    drain_socket(probe.value);
    drain_socket(probe.excess);
  }
  for (const PacketSocket& receiver : receivers_) drain_socket(receiver);
}

bool PacketTap::has_more() {
  pollfd waiting{canary_.descriptor(), POLLIN, 0};
  return poll(&waiting, 1, 0) != 0;
}

bool PacketTap::see(Sighting& sighting) {
  iovec place{buffer_.data(), buffer_.size()};
  sockaddr_ll from{};
  alignas(cmsghdr) std::array<std::uint8_t, 256> control{};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = recvmsg(canary_.descriptor(), &message, MSG_DONTWAIT);
  if (size <= 0) return false;
  sighting.vantage = vantage_;
  sighting.bytes.assign(buffer_.begin(), buffer_.begin() + size);
  sighting.link_offset = 0;
  Ancillary& ancillary = sighting.ancillary;
  ancillary.protocol = ntohs(from.sll_protocol);
  ancillary.packet_type = from.sll_pkttype;
  ancillary.interface_index = static_cast<std::uint32_t>(from.sll_ifindex);
  ancillary.hardware_type = from.sll_hatype;
  ancillary.vlan_tag_present = false;
  ancillary.vlan_tag = 0;
  ancillary.vlan_protocol = 0;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata data{};
    std::memcpy(&data, CMSG_DATA(part), sizeof data);
    sighting.network_offset = data.tp_net;
    if ((data.tp_status & TP_STATUS_VLAN_VALID) != 0) {
      ancillary.vlan_tag_present = true;
      ancillary.vlan_tag = data.tp_vlan_tci;
      ancillary.vlan_protocol = data.tp_vlan_tpid;
    }
  }
  return true;
}

bool PacketTap::ask_probes(Sighting& sighting) {
  const auto length = static_cast<std::uint32_t>(sighting.bytes.size());
  bool known = true;
  for (const Probe& probe : probes_) {
    const std::uint32_t value = kept_of_next(probe.value);
    const std::uint32_t excess = kept_of_next(probe.excess);
    probed_field(sighting.ancillary, probe.load) = value < length ? value : length + excess;
    known = known && (value < length || excess < length);
  }
  return known;
}

PacketTap::Outcome PacketTap::look(std::size_t programs, Sighting& sighting) {
  if (!see(sighting)) return Outcome::kNothing;
  const bool known = ask_probes(sighting);
  sighting.kept.resize(programs);
  for (std::size_t i = 0; i < programs; ++i) sighting.kept[i] = kept_of_next(receivers_[i]);
  return known ? Outcome::kSeen : Outcome::kUnknown;
}

}  // namespace bpfc::judge
