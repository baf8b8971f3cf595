#include "judge/packet_generator.h"

#include <algorithm>

#include "judge/steer.h"

namespace bpfc::judge {
namespace {

constexpr std::size_t kMostCopies = 12'000;
constexpr std::size_t kMostCopiedBytes = std::size_t{64} << 20U;

}  // namespace

std::vector<TestPacket> PacketGenerator::branch_packets() {
  explorer_.explore();
  const std::vector<TestPacket>& kept = explorer_.kept();
  std::vector<TestPacket> made = kept;
  std::size_t bytes = 0;
  for (const TestPacket& packet : kept) {
    if (made.size() >= kMostCopies || bytes >= kMostCopiedBytes) break;
    const std::size_t before = made.size();
    add_cut_copies(packet, made);
    add_changed_copies(packet, made);
    bytes += (made.size() - before) * packet.bytes.size();
  }
  for (const TestPacket& packet : made) explorer_.observe(packet);
  return made;
}

std::vector<std::size_t> PacketGenerator::bytes_looked_at(const TestPacket& packet) {
  std::vector<std::size_t> positions;
  for (const VerifiedProgram* program : programs_) {
    trace(*program, packet.view(), trace_);
    for (const Term& term : trace_.terms) {
      for (std::size_t i = 0; term.kind == TermKind::kBytes && i < term.size; ++i) {
        positions.push_back(term.position + i);
      }
    }
  }
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  return positions;
}

void PacketGenerator::add_cut_copies(const TestPacket& packet, std::vector<TestPacket>& made) {
  const auto cut = [&](std::size_t length) {
    TestPacket shorter = packet;
    shorter.bytes.resize(length);
    made.push_back(shorter);
    shorter.wire_length = static_cast<std::uint32_t>(length);
    made.push_back(std::move(shorter));
  };
  std::size_t last = 0;
  for (const std::size_t position : bytes_looked_at(packet)) {
    if (position > last) cut(position);
    last = position + 1;
    if (last < packet.bytes.size()) cut(last);
  }
}

void PacketGenerator::add_changed_copies(const TestPacket& packet, std::vector<TestPacket>& made) {
  RandomSource& random = explorer_.random();
  for (const VerifiedProgram* program : programs_) {
    trace(*program, packet.view(), trace_);
    for (const Decision& decision : trace_.decisions) {
      TestPacket changed = packet;
      const auto attempt = static_cast<unsigned>(random.below(4));
      if (steer(trace_, decision, !decision.taken, program->rules(), attempt, random, changed)) {
        made.push_back(std::move(changed));
      }
    }
  }
  for (const std::size_t position : bytes_looked_at(packet)) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      TestPacket changed = packet;
      changed.bytes[position] ^= static_cast<std::uint8_t>(1U << bit);
      made.push_back(std::move(changed));
    }
  }
}

TestPacket PacketGenerator::random_packet() {
  constexpr std::size_t kLongest = 200;
  RandomSource& random = explorer_.random();
  const std::vector<TestPacket>& kept = explorer_.kept();
  TestPacket packet;
  if (kept.empty() || random.one_in(8)) {
    packet = explorer_.blank(random.below(kLongest));
    for (std::uint8_t& byte : packet.bytes) byte = random.byte();
  } else {
    packet = kept[random.below(kept.size())];
    for (auto count = random.below(4) + 1; count > 0; --count) {
      random.one_in(2) ? explorer_.change(packet) : explorer_.change_on_the_way(packet);
    }
  }
  explorer_.observe(packet);
  return packet;
}

}  // namespace bpfc::judge
