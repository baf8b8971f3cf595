// A whole capture file as a list of packets that own their bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bpfc/capture_reader.h"
#include "bpfc/capture_types.h"
#include "capture_bytes.h"

namespace bpfc::capture_test {

// A descriptor at the beginning of a nameless file with these bytes. The caller closes it, or gives
// it away as kOwned.
int descriptor_with(const Bytes& bytes);
// All bytes of a file, from its beginning.
Bytes contents(int descriptor);
Bytes contents(const std::string& path);

struct PacketCopy {
  Bytes data;
  std::uint32_t wire_length = 0;
  CaptureTime time;
  std::uint32_t interface = 0;
  std::uint16_t link_type = 0;
  bool swapped = false;
  std::uint64_t offset = 0;

  friend bool operator==(const PacketCopy&, const PacketCopy&) = default;
};
PacketCopy copy_of(const CapturedPacket& packet);

struct PacketList {
  std::optional<CaptureFormat> format;  // none where the file could not be opened
  std::vector<CaptureInterface> interfaces;
  std::vector<CaptureSection> sections;
  std::vector<PacketCopy> packets;
  std::optional<CaptureError> error;
};
PacketList read_all(CaptureReader& reader);
// Packet by packet; fails the test where reading in batches yields anything else.
PacketList read_all(const Bytes& file);

}  // namespace bpfc::capture_test
