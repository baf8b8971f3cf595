#include "tests/oracle/packet_corpus.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <random>
#include <set>

#include "tests/oracle/link_packets.h"
#include "tests/oracle/packet_builder.h"
#include "tests/oracle/rare_frames.h"
#include "tests/oracle/reframed.h"

namespace bpfc::oracle {

namespace {

constexpr int kEthernet = 1;

// The bytes of a packet that most primitives look at: packets that agree in them teach the same.
Bytes signature(const Bytes& packet, int link_type) {
  Bytes bytes;
  for (const std::size_t offset : {0U, 2U, 3U, 6U, 9U, 12U, 13U, 14U, 15U, 16U, 17U, 20U, 23U}) {
    if (offset < packet.size() && (offset > 5 || link_type != kEthernet)) {
      bytes.push_back(packet[offset]);
    }
  }
  return bytes;
}

std::vector<Bytes> real_packets(int link_type, const CorpusOptions& options) {
  std::vector<std::filesystem::path> files;
  for (const std::string& directory : options.directories) {
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(directory, missing)) {
      const std::string extension = entry.path().extension();
      if (extension == ".pcap" || extension == ".pcapng") {
        files.push_back(entry.path());
      }
    }
  }
  std::sort(files.begin(), files.end());
  std::set<Bytes> seen;
  std::vector<Bytes> packets;
  for (const std::filesystem::path& file : files) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(
        pcap_open_offline(file.c_str(), error.data()), &pcap_close);
    if (handle == nullptr) {
      continue;
    }
    const bool own = pcap_datalink(handle.get()) == link_type;
    if (!own && pcap_datalink(handle.get()) != kEthernet) {
      continue;
    }
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    while (pcap_next_ex(handle.get(), &header, &data) == 1) {
      Bytes packet(data, data + header->caplen);
      if (!own) {
        auto other = reframed(packet, link_type);
        if (!other) {
          continue;
        }
        packet = std::move(*other);
      }
      if (seen.insert(signature(packet, link_type)).second) {
        packets.push_back(std::move(packet));
      }
    }
  }
  // All kinds alike, not the files that come first.
  std::mt19937 random(options.seed);
  std::shuffle(packets.begin(), packets.end(), random);
  packets.resize(std::min(packets.size(), options.real_packets));
  return packets;
}

}  // namespace

std::vector<CorpusPacket> packet_corpus(int link_type, const CorpusOptions& options) {
  std::vector<Bytes> whole = real_packets(link_type, options);
  std::vector<Bytes> frames = made_frames();
  if (options.rare) {
    const std::vector<Bytes> rare = rare_frames();
    frames.insert(frames.end(), rare.begin(), rare.end());
  }
  for (const Bytes& frame : frames) {
    if (auto packet = reframed(frame, link_type)) {
      whole.push_back(std::move(*packet));
    }
  }
  for (Bytes& packet : link_packets(link_type)) {
    whole.push_back(std::move(packet));
  }
  std::mt19937 random(options.seed);
  std::vector<CorpusPacket> corpus;
  for (const Bytes& packet : whole) {
    const auto wire_length = static_cast<std::uint32_t>(packet.size());
    corpus.push_back({packet, wire_length});
    const std::size_t longest =
        std::min<std::size_t>(packet.size(), std::size_t{options.longest_truncation} + 1);
    for (std::size_t length = 0; length < longest; ++length) {
      corpus.push_back({Bytes(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(length)),
                        wire_length});
    }
    for (int i = 0; i < options.mutations && !packet.empty(); ++i) {
      Bytes changed = packet;
      const std::size_t reach = std::min<std::size_t>(packet.size(), 100);
      for (auto count = random() % 3 + 1; count > 0; --count) {
        changed[random() % reach] ^= static_cast<std::uint8_t>(1U << random() % 8);
      }
      corpus.push_back({std::move(changed), wire_length});
    }
  }
  return corpus;
}

}  // namespace bpfc::oracle
