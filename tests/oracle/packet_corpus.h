// Packets to compare engines on: made ones that reach every primitive, and real ones from capture
// files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bpfc/interpreter.h"

namespace bpfc::oracle {

struct CorpusPacket {
  std::vector<std::uint8_t> bytes;
  std::uint32_t wire_length = 0;
  Ancillary ancillary = {};  // all 0, with interface 0: no file holds it
};

struct CorpusOptions {
  std::vector<std::string> directories;  // of .pcap and .pcapng files; missing ones are passed over
  std::size_t real_packets = 40;         // at most, as different from each other as they come
  std::uint32_t longest_truncation = 80;
  int mutations = 8;  // of each packet
  bool rare = false;  // rare_frames() besides made_frames()
  std::uint32_t seed = 1;
};

// Whole packets, their truncations to every length up to the longest, and copies with changed
// bytes, for a link type (DLT_*): the captures' own of that type, and Ethernet frames with the
// header exchanged. Deterministic for the same options and files.
std::vector<CorpusPacket> packet_corpus(int link_type, const CorpusOptions& options);

}  // namespace bpfc::oracle
