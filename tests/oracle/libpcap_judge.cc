#include "tests/oracle/libpcap_judge.h"

#include <pcap/pcap.h>

#include <memory>

namespace bpfc::oracle {

Expected<Program, std::string> libpcap_compile(const std::string& expression,
                                               const LibpcapOptions& options) {
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(
      pcap_open_dead(options.link_type, options.snaplen), &pcap_close);
  if (handle == nullptr) {
    return Unexpected<std::string>("pcap_open_dead() failed");
  }
  bpf_program compiled{};
  // libpcap compares the mask with the loaded address as it is, so it must be in host byte order,
  // though pcap_lookupnet() gives it in network byte order.
  const bpf_u_int32 netmask = options.netmask.value_or(PCAP_NETMASK_UNKNOWN);
  if (pcap_compile(handle.get(), &compiled, expression.c_str(), options.optimize ? 1 : 0,
                   netmask) != 0) {
    return Unexpected<std::string>(pcap_geterr(handle.get()));
  }
  Program program;
  program.reserve(compiled.bf_len);
  for (u_int i = 0; i < compiled.bf_len; ++i) {
    const bpf_insn& instruction = compiled.bf_insns[i];
    program.push_back({instruction.code, instruction.jt, instruction.jf, instruction.k});
  }
  pcap_freecode(&compiled);
  return program;
}

}  // namespace bpfc::oracle
