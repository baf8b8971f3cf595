// What is common to the file formats: packets out of an InputBuffer, one after the other.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "bpfc/capture_types.h"
#include "bpfc/expected.h"

namespace bpfc::capture {

class PacketSource {
 public:
  PacketSource() = default;
  PacketSource(const PacketSource&) = delete;
  PacketSource& operator=(const PacketSource&) = delete;
  virtual ~PacketSource() = default;

  // Reads the file's beginning, as far as the first interface.
  virtual Expected<void, CaptureError> open() = 0;
  // Fills `packet` and is true, or is false at the end. Not called again after an error.
  virtual Expected<bool, CaptureError> next(CapturedPacket& packet) = 0;
  // Fills as many as there are sound packets next in the input, one behind the other and in the
  // buffer as a whole, but no more than there is room for, and says how many. The bytes of packets
  // before them stay where they are.
  virtual std::size_t next_in_place(std::span<CapturedPacket> packets) = 0;

  const std::vector<CaptureInterface>& interfaces() const { return interfaces_; }
  const std::vector<CaptureSection>& sections() const { return sections_; }

 protected:
  std::vector<CaptureInterface> interfaces_;
  std::vector<CaptureSection> sections_;
};

}  // namespace bpfc::capture
