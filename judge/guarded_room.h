// Room for packets whose last byte stands in front of a page that may not be touched: an engine
// that reads one byte too many dies of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bpfc/packet.h"

namespace bpfc::judge {

class GuardedRoom {
 public:
  static constexpr std::size_t kPackets = 64;
  static constexpr std::size_t kLongest = std::size_t{1} << 16U;

  GuardedRoom();
  GuardedRoom(const GuardedRoom&) = delete;
  GuardedRoom& operator=(const GuardedRoom&) = delete;
  ~GuardedRoom();

  // The bytes copied to a place below kPackets, where they stand until it is used again; as they
  // are where they are too many, or the system has no memory.
  std::span<const std::uint8_t> put(std::size_t place, std::span<const std::uint8_t> bytes);

 private:
  std::uint8_t* memory_;  // or null
};

}  // namespace bpfc::judge
