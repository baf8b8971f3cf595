// Any bytes as a program: the verifier, and what it accepts in every engine on a packet that ends
// at a page that may not be touched. The first byte chooses the rules (bit 0) and how many
// instructions follow, at 8 bytes; the rest is the packet, which every engine must give the same
// verdict.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bpfc/listing.h"
#include "judge/guarded_room.h"
#include "judge/user_engine.h"

namespace {

using bpfc::judge::UserEngine;

// A byte says how much longer than its capture the packet was.
constexpr std::size_t kHeader = 2;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kHeader) return 0;
  const bpfc::Rules rules = (data[0] & 1U) != 0 ? bpfc::Rules::kKernel : bpfc::Rules::kLibpcap;
  const std::size_t count =
      std::min<std::size_t>(data[0] >> 1U, (size - kHeader) / sizeof(bpfc::Instruction));
  bpfc::Program program(count);
  const std::size_t bytes = count * sizeof(bpfc::Instruction);
  if (count > 0) std::memcpy(program.data(), data + kHeader, bytes);
  const auto verified = bpfc::verify(program, rules);
  if (!verified) return 0;

  static bpfc::judge::GuardedRoom room;
  bpfc::Packet packet;
  packet.captured = room.put(0, {data + kHeader + bytes, size - kHeader - bytes});
  packet.wire_length = static_cast<std::uint32_t>(packet.captured.size()) + data[1];
  const std::uint32_t expected = bpfc::interpret(*verified, packet);
  const bpfc::judge::UserEngines engines(*verified);
  for (const UserEngine engine : bpfc::judge::kUserEngines) {
    const auto verdict = engines.run(engine, packet);
    if (!verdict || *verdict == expected) continue;
    std::fprintf(stderr, "%s: %u, and not %u:\n%s", to_string(engine), *verdict, expected,
                 bpfc::to_listing(program).c_str());
    std::abort();
  }
  return 0;
}
