// Packets whose last byte stands in front of a page that may not be touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bpfc/packet.h"

namespace bpfc::testing {

class GuardedPackets {
 public:
  GuardedPackets() = default;
  GuardedPackets(const GuardedPackets&) = delete;
  GuardedPackets& operator=(const GuardedPackets&) = delete;
  ~GuardedPackets();

  // Aborts where the system has no memory.
  void add(std::span<const std::uint8_t> bytes, std::uint32_t wire_length);
  // Forgets all packets, and keeps their pages for others.
  void clear() { views_.clear(); }
  std::span<const PacketView> views() const { return views_; }

 private:
  struct Mapping {
    void* begin = nullptr;
    std::size_t size = 0;
  };
  // Writable pages, and the last one as a guard.
  static Mapping map(std::size_t size, std::size_t page);

  std::vector<Mapping> mappings_;  // at least one for each view, in their order
  std::vector<PacketView> views_;
};

}  // namespace bpfc::testing
