// Capture files as lists of packets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bpfc::live_test {

struct SavedPacket {
  std::vector<std::uint8_t> bytes;
  std::uint32_t wire_length = 0;

  friend bool operator==(const SavedPacket&, const SavedPacket&) = default;
};

// Empty, or the first packet in which they differ.
std::string difference(const std::vector<SavedPacket>& left, const std::vector<SavedPacket>& right);

struct CaptureContents {
  std::vector<SavedPacket> packets;  // up to the damage
  std::string damage;                // empty: none
};
CaptureContents contents_of(const std::string& path);

// Fails the test where the file is damaged.
std::vector<SavedPacket> packets_of(const std::string& path);

}  // namespace bpfc::live_test
