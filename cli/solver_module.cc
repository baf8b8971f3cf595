#include "cli/solver_module.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace bpfc::cli {

const PacketSolver* load_solver_module() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return nullptr;
  const std::filesystem::path folder = program.parent_path();
  for (const auto& path :
       {folder / "bpfc_solver.so", folder.parent_path() / "lib" / "bpfc" / "bpfc_solver.so"}) {
    void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) continue;
    using Entry = const PacketSolver* (*)();
    const auto entry = reinterpret_cast<Entry>(dlsym(module, "bpfc_packet_solver"));
    if (entry != nullptr) return entry();
  }
  return nullptr;
}

Expected<Proof, ProofError> prove_with_module(
    const std::function<Expected<Proof, ProofError>(const ProofOptions&)>& ask,
    ProofOptions options) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + options.timeout;
  auto proof = ask(options);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  if (!proof || proof->answer != Answer::kUnknown || left.count() <= 0) return proof;
  options.solver = load_solver_module();
  if (options.solver == nullptr) return proof;
  options.diagrams = false;
  options.timeout = left;
  return ask(options);
}

}  // namespace bpfc::cli
