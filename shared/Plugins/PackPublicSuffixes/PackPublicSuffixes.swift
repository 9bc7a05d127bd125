import Foundation
import PackagePlugin

/// Packs Debian's public suffix list into a Swift source while the module that looks names up in it is built.
@main
struct PackPublicSuffixes: BuildToolPlugin {
    /// Where Debian's package `publicsuffix` puts the list.
    private static let list = "/usr/share/publicsuffix/public_suffix_list.dat"

    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let packed = context.pluginWorkDirectoryURL.appending(path: "PackedPublicSuffixes.swift")
        return [
            .buildCommand(
                displayName: "Packing the public suffix list",
                executable: try context.tool(named: "public-suffix-packer").url,
                arguments: [Self.list, packed.path(percentEncoded: false)],
                inputFiles: [URL(filePath: Self.list)],
                outputFiles: [packed])
        ]
    }
}
