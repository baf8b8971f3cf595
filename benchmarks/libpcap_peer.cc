#include "benchmarks/libpcap_peer.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace bpfc::benchmarks {

Program compile_with_libpcap(const std::string& filter) {
  constexpr int kSnaplen = 262144;
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(pcap_open_dead(DLT_EN10MB, kSnaplen),
                                                              &pcap_close);
  bpf_program compiled{};
  if (pcap_compile(handle.get(), &compiled, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    fmt::print(stderr, "{:.60}: libpcap: {}\n", filter, pcap_geterr(handle.get()));
    std::exit(1);
  }
  Program program;
  for (unsigned i = 0; i < compiled.bf_len; ++i) {
    const bpf_insn& one = compiled.bf_insns[i];
    program.push_back({one.code, one.jt, one.jf, one.k});
  }
  pcap_freecode(&compiled);
  return program;
}

measure::Contender libpcap_interpreter(const Program& program) {
  auto instructions = std::make_shared<std::vector<bpf_insn>>();
  for (const Instruction& one : program) {
    instructions->push_back({one.code, one.jt, one.jf, one.k});
  }
  return {"bpf_filter", [instructions](std::span<const PacketView> packets) {
            const bpf_insn* first = instructions->data();
            return measure::sum_of_verdicts(packets, [first](const PacketView& packet) {
              return bpf_filter(first, packet.data, packet.length, packet.captured);
            });
          }};
}

}  // namespace bpfc::benchmarks
