// Counts the packets of a capture file that match a filter, many at a time.
#include <bpfc/capture_reader.h>
#include <bpfc/compile.h>
#include <bpfc/jit.h>

#include <algorithm>
#include <cstdio>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: count_matches FILE EXPRESSION\n");
    return 2;
  }
  auto reader = bpfc::CaptureReader::open(argv[1]);
  if (!reader) {
    std::fprintf(stderr, "%s\n", bpfc::render(reader.error(), argv[1]).c_str());
    return 1;
  }
  bpfc::CompileOptions options;
  options.link_type = bpfc::find_link_type_of_file(reader->interfaces().front().link_type);
  const auto compiled = bpfc::compile(argv[2], options);
  if (!compiled) {
    std::fprintf(stderr, "%s\n", bpfc::render(compiled.error(), argv[2], "filter").c_str());
    return 1;
  }
  const auto verified = bpfc::verify(compiled->program, bpfc::Rules::kLibpcap);
  if (!verified) return 1;
  const auto jit = bpfc::Jit::compile(*verified);
  if (!jit) return 1;

  const auto link_type = reader->interfaces().front().link_type;
  std::size_t read = 0;
  std::size_t matched = 0;
  for (;;) {
    const auto batch = reader->next_batch();
    if (!batch) {
      std::fprintf(stderr, "%s\n", bpfc::render(batch.error(), argv[1]).c_str());
      return 1;
    }
    if (batch->empty()) break;
    std::vector<bpfc::PacketView> packets;
    for (const bpfc::CapturedPacket& packet : *batch) {
      if (packet.link_type != link_type) {
        std::fprintf(stderr, "%s: packets of several link types\n", argv[1]);
        return 1;
      }
      packets.push_back(
          {packet.data.data(), static_cast<std::uint32_t>(packet.data.size()), packet.wire_length});
    }
    std::vector<std::uint32_t> verdicts(packets.size());
    jit->run_batch(packets, verdicts);
    read += packets.size();
    matched += packets.size() - std::count(verdicts.begin(), verdicts.end(), 0U);
  }
  std::printf("%zu of %zu packets\n", matched, read);
  return 0;
}
