#include "measure/traffic_mix.h"

#include <algorithm>
#include <array>

#include "judge/random_source.h"

namespace bpfc::traffic {
namespace {

using judge::RandomSource;

constexpr std::size_t kShortest = 64;
constexpr std::size_t kLongest = 1500;
constexpr std::uint16_t kIp4Type = 0x0800;
constexpr std::uint16_t kIp6Type = 0x86dd;
constexpr std::uint16_t kArpType = 0x0806;
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmp6 = 58;

enum class Carrier : std::uint8_t { kIp4, kIp6, kFragment, kArp, kLlc };
enum class Sizes : std::uint8_t { kSmall, kMixed };

// `weight` in 1000 frames are of this kind. With ports: the server's.
struct Kind {
  unsigned weight;
  Carrier carrier;
  std::uint8_t protocol;
  std::uint16_t port;  // 0: any
  Sizes sizes;
};

constexpr std::array kKinds = {
    Kind{300, Carrier::kIp4, kTcp, 443, Sizes::kMixed},
    Kind{110, Carrier::kIp4, kTcp, 80, Sizes::kMixed},
    Kind{40, Carrier::kIp4, kTcp, 22, Sizes::kMixed},
    Kind{20, Carrier::kIp4, kTcp, 8080, Sizes::kMixed},
    Kind{15, Carrier::kIp4, kTcp, 25, Sizes::kMixed},
    Kind{15, Carrier::kIp4, kTcp, 5432, Sizes::kMixed},
    Kind{40, Carrier::kIp4, kTcp, 0, Sizes::kMixed},
    Kind{70, Carrier::kIp4, kUdp, 53, Sizes::kSmall},
    Kind{50, Carrier::kIp4, kUdp, 443, Sizes::kMixed},
    Kind{10, Carrier::kIp4, kUdp, 123, Sizes::kSmall},
    Kind{20, Carrier::kIp4, kUdp, 0, Sizes::kMixed},
    Kind{20, Carrier::kIp4, kIcmp, 0, Sizes::kSmall},
    Kind{10, Carrier::kIp4, 50, 0, Sizes::kMixed},  // ESP
    Kind{10, Carrier::kIp4, 47, 0, Sizes::kMixed},  // GRE
    Kind{5, Carrier::kIp4, 2, 0, Sizes::kSmall},    // IGMP
    Kind{20, Carrier::kFragment, kUdp, 0, Sizes::kMixed},
    Kind{5, Carrier::kFragment, kTcp, 443, Sizes::kMixed},
    Kind{90, Carrier::kIp6, kTcp, 443, Sizes::kMixed},
    Kind{20, Carrier::kIp6, kTcp, 80, Sizes::kMixed},
    Kind{10, Carrier::kIp6, kTcp, 0, Sizes::kMixed},
    Kind{15, Carrier::kIp6, kUdp, 53, Sizes::kSmall},
    Kind{20, Carrier::kIp6, kUdp, 443, Sizes::kMixed},
    Kind{20, Carrier::kIp6, kIcmp6, 0, Sizes::kSmall},
    Kind{50, Carrier::kArp, 0, 0, Sizes::kSmall},
    Kind{15, Carrier::kLlc, 0, 0, Sizes::kSmall},
};

constexpr unsigned total_weight() {
  unsigned total = 0;
  for (const Kind& kind : kKinds) total += kind.weight;
  return total;
}
static_assert(total_weight() == 1000);

void put(Frame& frame, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) {
    frame.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

void set16(Frame& frame, std::size_t offset, std::size_t value) {
  frame[offset] = static_cast<std::uint8_t>(value >> 8U);
  frame[offset + 1] = static_cast<std::uint8_t>(value);
}

void set_checksum(Frame& frame, std::size_t header, std::size_t length) {
  std::uint32_t sum = 0;
  for (std::size_t i = header; i < header + length; i += 2) {
    sum += static_cast<std::uint32_t>(frame[i] << 8U | frame[i + 1]);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16U);
  set16(frame, header + 10, ~sum & 0xffff);
}

bool is_private(std::uint32_t address) {
  return address >> 24U == 10 || address >> 20U == 0xac1 || address >> 16U == 0xc0a8;
}

class Site {
 public:
  explicit Site(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 150; ++i) {
      // A third of them in 10.1.0.0/16.
      const std::uint32_t net = random_.one_in(3) ? 0x0a010000 : 0x0a000000 | random_.word() >> 8U;
      inside_.push_back((net & 0xffff0000) | (random_.word() & 0xffff));
    }
    for (int i = 0; i < 80; ++i) inside_.push_back(0xc0a80000 | (random_.word() & 0x7ff));
    for (int i = 0; i < 20; ++i) inside_.push_back(0xac100000 | (random_.word() & 0xfffff));
    while (outside_.size() < 1500) {
      const std::uint32_t address = random_.word();
      const std::uint32_t first = address >> 24U;
      if (first == 0 || first == 127 || first >= 224 || is_private(address)) continue;
      outside_.push_back(address);
    }
    // Busy hosts are not neighbours.
    for (std::size_t i = inside_.size(); i > 1; --i) {
      std::swap(inside_[i - 1], inside_[random_.below(i)]);
    }
  }

  Frame frame() {
    std::size_t left = random_.below(1000);
    const Kind* kind = kKinds.data();
    while (left >= kind->weight) left -= kind++->weight;
    return frame(*kind);
  }

 private:
  // The lower the index, the likelier.
  std::size_t skewed(std::size_t count) { return random_.below(random_.below(count) + 1); }

  std::uint16_t high_port() { return static_cast<std::uint16_t>(32768 + random_.below(28232)); }

  Frame frame(const Kind& kind) {
    const std::size_t client = skewed(inside_.size());
    const bool stays_inside = random_.one_in(5);
    const std::size_t server = stays_inside ? skewed(inside_.size()) : skewed(outside_.size());
    const bool reply = random_.below(100) < 55;
    Frame frame;
    // A router's address for hosts outside.
    const std::uint64_t ours = 0x020000000000 | client;
    const std::uint64_t theirs = stays_inside ? 0x020000000000 | server : 0x0200000f0001;
    put(frame, reply ? ours : theirs, 6);
    put(frame, reply ? theirs : ours, 6);
    if (kind.carrier != Carrier::kLlc && random_.below(100) < 3) {
      put(frame, 0x8100, 2);
      put(frame, 100 + random_.below(8), 2);
    }
    switch (kind.carrier) {
      case Carrier::kIp4:
      case Carrier::kFragment: {
        const std::uint32_t other = stays_inside ? inside_[server] : outside_[server];
        put(frame, kIp4Type, 2);
        add_ip4(frame, kind, reply ? other : inside_[client], reply ? inside_[client] : other,
                reply);
        break;
      }
      case Carrier::kIp6:
        put(frame, kIp6Type, 2);
        add_ip6(frame, kind, client, server, reply);
        break;
      case Carrier::kArp:
        put(frame, kArpType, 2);
        put(frame, 0x000108000604, 6);
        put(frame, reply ? 2 : 1, 2);
        put(frame, ours, 6);
        put(frame, inside_[client], 4);
        put(frame, reply ? theirs : 0, 6);
        put(frame, inside_[skewed(inside_.size())], 4);
        break;
      case Carrier::kLlc:  // a spanning tree
        put(frame, 38, 2);
        put(frame, 0x424203, 3);
        frame.insert(frame.end(), 35, 0);
        break;
    }
    if (frame.size() < kShortest) frame.resize(kShortest);  // Ethernet's padding
    return frame;
  }

  void add_ip4(Frame& frame, const Kind& kind, std::uint32_t source, std::uint32_t destination,
               bool reply) {
    const std::size_t header = frame.size();
    const std::size_t words = random_.below(100) < 3 ? 5 + 1 + random_.below(3) : 5;
    // A later fragment begins with payload; a first one has more to come.
    const bool fragment = kind.carrier == Carrier::kFragment;
    const bool later = fragment && !random_.one_in(2);
    const std::size_t flags = later                ? (random_.one_in(2) ? 0x20b9 : 0x0172)
                              : fragment           ? 0x2000
                              : random_.one_in(10) ? 0
                                                   : 0x4000;
    put(frame, 0x40 | words, 1);
    put(frame, 0, 3);  // the length comes last
    put(frame, random_.word() & 0xffff, 2);
    put(frame, flags, 2);
    put(frame, 48 + random_.below(17), 1);
    put(frame, kind.protocol, 1);
    put(frame, 0, 2);
    put(frame, source, 4);
    put(frame, destination, 4);
    for (std::size_t i = 5; i < words; ++i) put(frame, 0x01010101, 4);
    const std::size_t room = kLongest - frame.size();
    if (later) {
      add_bytes(frame, std::min<std::size_t>(room, 8 + random_.below(185) * 8));
    } else {
      add_transport(frame, kind, reply, room);
    }
    set16(frame, header + 2, frame.size() - header);
    set_checksum(frame, header, words * 4);
  }

  void add_ip6(Frame& frame, const Kind& kind, std::size_t client, std::size_t server, bool reply) {
    const std::size_t header = frame.size();
    put(frame, 0x60000000 | (random_.word() & 0xfffff), 4);
    put(frame, 0, 2);
    put(frame, kind.protocol, 1);
    put(frame, 64, 1);
    const bool neighbours = kind.protocol == kIcmp6;
    const std::uint64_t ours = neighbours ? 0xfe80000000000000 : 0x20010db800010000;
    const std::uint64_t theirs = neighbours ? 0xfe80000000000000 : 0x2a00000000000000 | server % 90;
    put(frame, reply ? theirs : ours, 8);
    put(frame, reply ? server : client, 8);
    put(frame, reply ? ours : theirs, 8);
    put(frame, reply ? client : server, 8);
    add_transport(frame, kind, reply, kLongest - frame.size());
    set16(frame, header + 4, frame.size() - header - 40);
  }

  void add_transport(Frame& frame, const Kind& kind, bool reply, std::size_t room) {
    const std::size_t start = frame.size();
    const std::uint16_t client_port = high_port();
    // Of the others two in three have a service's port, the rest none that says anything.
    const auto unknown_port = [&] {
      return random_.below(3) < 2 ? static_cast<std::uint16_t>(1 + random_.below(10'000))
                                  : high_port();
    };
    const std::uint16_t server_port = kind.port != 0 ? kind.port : unknown_port();
    if (kind.protocol == kTcp || kind.protocol == kUdp) {
      put(frame, reply ? server_port : client_port, 2);
      put(frame, reply ? client_port : server_port, 2);
    }
    if (kind.protocol == kTcp) {
      constexpr std::uint8_t kSyn = 0x02;
      constexpr std::uint8_t kAck = 0x10;
      constexpr std::uint8_t kPushAck = 0x18;
      const bool opens = random_.below(100) < 4;
      const bool carries = !opens && random_.below(100) < (reply ? 70 : 45);
      const std::size_t words = opens ? 10 : random_.below(10) < 7 ? 8 : 5;
      put(frame, random_.word(), 4);
      put(frame, random_.word(), 4);
      put(frame, words << 4U, 1);
      put(frame, opens ? (reply ? kSyn | kAck : kSyn) : carries ? kPushAck : kAck, 1);
      put(frame, random_.word() & 0xffff, 2);
      put(frame, 0, 4);
      for (std::size_t i = 5; i < words; ++i) put(frame, 0x01010101, 4);
      if (carries) add_bytes(frame, payload(kind.sizes, room - words * 4));
      return;
    }
    if (kind.protocol == kUdp) {
      put(frame, 0, 4);
      add_bytes(frame, payload(kind.sizes, room - 8));
      set16(frame, start + 4, frame.size() - start);
      return;
    }
    if (kind.protocol == kIcmp) {
      put(frame, reply ? 0x0000 : 0x0800, 2);
    } else if (kind.protocol == kIcmp6) {
      put(frame, reply ? 0x8800 : 0x8700, 2);
    }
    add_bytes(frame, payload(kind.sizes, room - 2));
  }

  // Small, between, or as much as there is room for.
  std::size_t payload(Sizes sizes, std::size_t room) {
    const std::size_t which = random_.below(100);
    if (sizes == Sizes::kSmall || which < 35) return 16 + random_.below(100);
    if (which < 60) return 100 + random_.below(room - 100);
    return room;
  }

  void add_bytes(Frame& frame, std::size_t count) {
    const std::size_t end = frame.size() + count;
    while (frame.size() < end) put(frame, random_.word(), 4);
    frame.resize(end);
  }

  RandomSource random_;
  std::vector<std::uint32_t> inside_;
  std::vector<std::uint32_t> outside_;
};

}  // namespace

std::vector<Frame> mixed_traffic(std::size_t count, std::uint64_t seed) {
  Site site(seed);
  std::vector<Frame> frames;
  frames.reserve(count);
  while (frames.size() < count) frames.push_back(site.frame());
  return frames;
}

std::vector<std::uint32_t> ip4_addresses(const std::vector<Frame>& frames) {
  std::vector<std::uint32_t> addresses;
  for (const Frame& frame : frames) {
    if ((frame[12] << 8U | frame[13]) != kIp4Type) continue;
    for (const std::size_t offset : {26U, 30U}) {
      addresses.push_back(std::uint32_t{frame[offset]} << 24U |
                          std::uint32_t{frame[offset + 1]} << 16U |
                          std::uint32_t{frame[offset + 2]} << 8U | frame[offset + 3]);
    }
  }
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

}  // namespace bpfc::traffic
