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

  // A packet stands until the next one is read, so the bytes are copied.
  std::vector<std::vector<std::uint8_t>> bytes;
  std::vector<bpfc::PacketView> packets;
  for (;;) {
    const auto next = reader->next();
    if (!next || *next == nullptr) break;
    const auto& data = bytes.emplace_back((*next)->data.begin(), (*next)->data.end());
    packets.push_back({data.data(), static_cast<std::uint32_t>(data.size()), (*next)->wire_length});
  }
  std::vector<std::uint32_t> verdicts(packets.size());
  jit->run_batch(packets, verdicts);
  std::printf(
      "%zu of %zu packets\n",
      verdicts.size() - static_cast<std::size_t>(std::count(verdicts.begin(), verdicts.end(), 0U)),
      packets.size());
  return 0;
}
