// Packets to measure on, in one block of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bpfc/packet.h"

namespace bpfc::measure {

class PacketSet {
 public:
  // A copy of the bytes is put behind those that are there, where malloc() might put it.
  void add(std::span<const std::uint8_t> captured, std::uint32_t length);

  // In the order in which they were added: as a reader that fills buffers has them. Stand until
  // add() is called.
  std::vector<PacketView> in_order() const;
  // In no order, the same for the same seed: as they come out of a pool of buffers.
  std::vector<PacketView> shuffled(std::uint64_t seed) const;

  std::size_t size() const { return places_.size(); }

 private:
  struct Place {
    std::size_t offset;
    std::uint32_t captured;
    std::uint32_t length;
  };

  std::vector<std::uint8_t> bytes_;
  std::vector<Place> places_;
};

}  // namespace bpfc::measure
