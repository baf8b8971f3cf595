// The same in C++, and what the program is.
#include <bpfc/compile.h>
#include <bpfc/jit.h>
#include <bpfc/listing.h>

#include <cstdio>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  const std::string expression = argc > 1 ? argv[1] : "tcp port 80";
  const auto compiled = bpfc::compile(expression, {});
  if (!compiled) {
    std::fprintf(stderr, "%s\n", bpfc::render(compiled.error(), expression, "filter").c_str());
    return 1;
  }
  std::fputs(bpfc::to_listing(compiled->program).c_str(), stdout);

  const auto verified = bpfc::verify(compiled->program, bpfc::Rules::kLibpcap);
  if (!verified) return 1;
  const auto jit = bpfc::Jit::compile(*verified);
  if (!jit) {
    std::fprintf(stderr, "%s\n", jit.error().c_str());
    return 1;
  }
  std::vector<std::uint8_t> packet(60);
  packet[12] = 8;     // IPv4
  packet[14] = 0x45;  // its header: 20 bytes
  packet[23] = 6;     // TCP
  packet[37] = 80;    // to this port
  const bpfc::PacketView view{packet.data(), 60, 60};
  std::printf("verdict %u\n", jit->run(view));
  return 0;
}
