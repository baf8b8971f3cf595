// Packets of a pcap file.
#pragma once

#include <cstddef>
#include <cstdint>

#include "capture/input_buffer.h"
#include "capture/packet_source.h"

namespace bpfc::capture {

class PcapSource : public PacketSource {
 public:
  // Whether a file that begins with these four bytes is pcap.
  static bool recognizes(const std::uint8_t* magic);

  explicit PcapSource(InputBuffer& input) : input_(input) {}

  Expected<void, CaptureError> open() override;
  Expected<bool, CaptureError> next(CapturedPacket& packet) override;
  std::size_t next_in_place(std::span<CapturedPacket> packets) override;

 private:
  // Versions before 2.3 have the two lengths of a record in the other order, 2.3 in either.
  enum class LengthOrder : std::uint8_t { kCapturedFirst, kSmallerIsCaptured, kWireFirst };

  struct Header;
  // How the headers of packets are to be read.
  struct HeaderForm {
    LengthOrder length_order = LengthOrder::kCapturedFirst;
    bool swapped = false;
  };
  struct Lengths;
  Expected<void, CaptureError> check_version(const Header& header);
  static Lengths lengths(const std::uint8_t* header, const HeaderForm& form);

  InputBuffer& input_;
  HeaderForm form_;
  std::uint32_t nanoseconds_per_unit_ = 1000;
  std::uint32_t greatest_length_ = 0;
  std::size_t record_size_ = 0;
};

}  // namespace bpfc::capture
