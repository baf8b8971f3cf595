# What `cmake --install` puts where: bpfc, the libraries and their headers, what pkg-config and
# find_package() want, manual pages, completions.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS bpfc RUNTIME)
# Where solver_module.cc looks.
if(TARGET bpfc_solver)
  install(TARGETS bpfc_solver LIBRARY DESTINATION lib/bpfc)
endif()
install(TARGETS bpfc_shared bpfc_static EXPORT bpfcTargets LIBRARY ARCHIVE)
install(DIRECTORY include/bpfc DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/bpfc)
install(EXPORT bpfcTargets NAMESPACE bpfc:: FILE bpfcConfig.cmake DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/bpfcConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/bpfcConfigVersion.cmake DESTINATION ${package_folder})

# From the file's own place, so that the tree may be moved.
file(RELATIVE_PATH BPFC_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/bpfc.pc.in bpfc.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/bpfc.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

foreach(page bpfc.1 bpfc.3 bpfc-filter.7)
  string(REGEX MATCH "[0-9]$" section ${page})
  install(FILES docs/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(FILES completions/bpfc.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME bpfc)
install(FILES completions/_bpfc DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES completions/bpfc.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
