// Writes the packets that match: as pcap, or as pcapng where several link types are in the input.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bpfc/capture_reader.h"
#include "bpfc/capture_writer.h"

namespace bpfc::cli {

// What a filter has to be compiled for.
struct PacketKind {
  std::uint16_t link_type;
  bool swapped;

  friend bool operator==(const PacketKind&, const PacketKind&) = default;
};

// What is known of a capture before its packets are filtered. Of a file, all of it; of a pipe, what
// the reader has met so far. Damage further on is for the reading to find.
struct CaptureSurvey {
  std::vector<CaptureInterface> interfaces;
  std::vector<PacketKind> kinds;  // of the packets; of an interface if there are none
};
CaptureSurvey survey(const std::string& path, const CaptureReader& reader);

// Whether the output (empty and -: standard output) is the very file that is read (-: standard
// input): then writing would destroy it, or never end.
bool writes_to_its_input(const std::string& input, const std::string& output);

// Errors are messages with the output's name.
class MatchWriter {
 public:
  // Creates or empties the file; - is standard output.
  static Expected<MatchWriter, std::string> open(const std::string& path,
                                                 const CaptureSurvey& survey, bool swapped);

  // `reader`: where the packet is from. What went wrong, or nothing.
  std::optional<std::string> write(const CapturedPacket& packet, const CaptureReader& reader);
  // The same. The file is complete if this and every write() said nothing.
  std::optional<std::string> finish();

 private:
  MatchWriter(CaptureWriter writer, std::string name) noexcept
      : writer_(std::move(writer)), name_(std::move(name)) {}

  std::optional<std::string> add_interfaces(std::span<const CaptureInterface> interfaces);

  CaptureWriter writer_;
  std::string name_;
  std::uint16_t link_type_ = 0;  // of the pcap file
  bool swapped_ = false;
  bool pcapng_ = false;
  std::size_t interfaces_added_ = 0;
  std::vector<std::uint8_t> turned_;  // a packet whose header was put into the file's byte order
};

}  // namespace bpfc::cli
