// What is common to the file formats: packets out of an InputBuffer, one after the other.
#pragma once

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
  // The same where the next thing in the input is a packet, sound and in the buffer as a whole:
  // then the bytes of those before it stay where they are. False, having done nothing, where it is
  // not.
  virtual bool next_in_place(CapturedPacket& packet) = 0;

  const std::vector<CaptureInterface>& interfaces() const { return interfaces_; }
  const std::vector<CaptureSection>& sections() const { return sections_; }

 protected:
  std::vector<CaptureInterface> interfaces_;
  std::vector<CaptureSection> sections_;
};

}  // namespace bpfc::capture
