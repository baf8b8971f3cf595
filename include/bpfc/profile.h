// A sample of the packets that a filter will see, for a compiler that is to ask first what settles
// most of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bpfc/interpreter.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// Reading it is thread-safe. Whatever it holds changes the order of tests only, never what a
// program means.
class Profile {
 public:
  static constexpr std::size_t kMostPackets = 10'000;
  // Kept of each packet; what lies behind counts as not captured.
  static constexpr std::size_t kMostBytes = 4096;

  // Copies the packet; false: there are as many as it takes.
  bool add(std::span<const std::uint8_t> captured, std::uint32_t wire_length);

  std::size_t size() const { return packets_.size(); }
  // Without ancillary data. Stands until the next add().
  Packet operator[](std::size_t index) const;

 private:
  struct Place {
    std::size_t begin;
    std::size_t size;
    std::uint32_t wire_length;
  };

  std::vector<std::uint8_t> bytes_;
  std::vector<Place> packets_;
};

}  // namespace bpfc
