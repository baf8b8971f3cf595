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

}  // namespace bpfc::cli
