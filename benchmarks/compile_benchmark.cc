// Text to program: bpfc beside libpcap, on the same filters.
#include <benchmark/benchmark.h>
#include <pcap/pcap.h>

#include <array>
#include <string>

#include "bpfc/compile.h"

namespace {

constexpr std::array<const char*, 5> kFilters = {
    "tcp port 80", "host 1.2.3.4", "ip6 and udp port 53", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "vlan 5 and (tcp port 80 or 443 or 8080) and not net 10.0.0.0/8"};

std::string many_hosts(std::int64_t count) {
  std::string text;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t address = 0x0a000000 + i;
    if (i > 0) text += " or ";
    text += "host " + std::to_string(address >> 24 & 0xff) + "." +
            std::to_string(address >> 16 & 0xff) + "." + std::to_string(address >> 8 & 0xff) + "." +
            std::to_string(address & 0xff);
  }
  return text;
}

void run_bpfc(benchmark::State& state, const std::string& text, bpfc::Optimization level) {
  bpfc::CompileOptions options;
  options.optimization = level;
  for ([[maybe_unused]] auto _ : state) {
    auto compiled = bpfc::compile(text, options);
    if (!compiled) state.SkipWithError("does not compile");
    benchmark::DoNotOptimize(compiled);
  }
  state.SetLabel(text.substr(0, 60));
}

void run_libpcap(benchmark::State& state, const std::string& text, bool optimize) {
  pcap_t* handle = pcap_open_dead(DLT_EN10MB, 262144);
  for ([[maybe_unused]] auto _ : state) {
    bpf_program program{};
    if (pcap_compile(handle, &program, text.c_str(), optimize ? 1 : 0, PCAP_NETMASK_UNKNOWN) != 0) {
      state.SkipWithError(pcap_geterr(handle));
      break;
    }
    benchmark::DoNotOptimize(program);
    pcap_freecode(&program);
  }
  pcap_close(handle);
  state.SetLabel(text.substr(0, 60));
}

void compile_bpfc(benchmark::State& state) {
  run_bpfc(state, kFilters[static_cast<std::size_t>(state.range(0))], bpfc::Optimization::kDefault);
}
void compile_libpcap(benchmark::State& state) {
  run_libpcap(state, kFilters[static_cast<std::size_t>(state.range(0))], true);
}
BENCHMARK(compile_bpfc)->DenseRange(0, kFilters.size() - 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(compile_libpcap)->DenseRange(0, kFilters.size() - 1)->Unit(benchmark::kMicrosecond);

void hosts_bpfc(benchmark::State& state) {
  run_bpfc(state, many_hosts(state.range(0)), bpfc::Optimization::kDefault);
}
void hosts_bpfc_unoptimized(benchmark::State& state) {
  run_bpfc(state, many_hosts(state.range(0)), bpfc::Optimization::kNone);
}
// Its optimizer takes more than linear time.
void hosts_libpcap(benchmark::State& state) {
  run_libpcap(state, many_hosts(state.range(0)), true);
}
void hosts_libpcap_unoptimized(benchmark::State& state) {
  run_libpcap(state, many_hosts(state.range(0)), false);
}
BENCHMARK(hosts_bpfc)->RangeMultiplier(10)->Range(10, 100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(hosts_bpfc_unoptimized)
    ->RangeMultiplier(10)
    ->Range(10, 100'000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(hosts_libpcap)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(hosts_libpcap_unoptimized)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

}  // namespace
