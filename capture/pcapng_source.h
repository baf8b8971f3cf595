// Packets of a pcapng file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "capture/capture_limits.h"
#include "capture/input_buffer.h"
#include "capture/packet_source.h"
#include "capture/pcapng_format.h"
#include "capture/time_scale.h"

namespace bpfc::capture {

class PcapngSource : public PacketSource {
 public:
  // Whether a file that begins with these twelve bytes is pcapng. Its first four alone could be
  // text, being nothing but ends of lines.
  static bool recognizes(const std::uint8_t* beginning);
  static constexpr std::size_t kRecognizedBy = 12;

  explicit PcapngSource(InputBuffer& input) : input_(input) {}

  Expected<void, CaptureError> open() override;
  Expected<bool, CaptureError> next(CapturedPacket& packet) override;
  std::size_t next_in_place(std::span<CapturedPacket> packets) override;

 private:
  bool next_in_place(CapturedPacket& packet);
  // A block whose outside is sound.
  struct Block {
    BlockType type{};
    std::uint64_t offset = 0;
    std::size_t length = 0;
    std::span<const std::uint8_t> body;
  };
  struct PacketFields;

  // The next block, none at the end of the file; it stays in the buffer. Turns swapped_ over for a
  // section header.
  Expected<std::optional<Block>, CaptureError> read_block();
  Expected<void, CaptureError> notice_byte_order();
  Expected<void, CaptureError> read_section(const Block& block);
  Expected<void, CaptureError> read_interface(const Block& block);
  Expected<void, CaptureError> read_packet(const Block& block, CapturedPacket& packet);
  PacketFields packet_fields(const Block& block) const;

  InputBuffer& input_;
  bool swapped_ = false;
  std::size_t greatest_block_ = kUsualBlockLimit;
  std::vector<TimeScale> scales_;  // one for each of interfaces_
};

}  // namespace bpfc::capture
