import Files
import Glibc
import OpenSearch
import ServiceTesting
import Testing

@Suite struct EndpointFileTests {
    private let folder: TemporaryDirectory
    private let path: String

    init() throws {
        folder = try TemporaryDirectory("endpoint-file")
        path = folder.path + "/endpoint.json"
    }

    private func read(_ text: String) throws -> EndpointFile {
        try AtomicFile.replace(path, with: Array(text.utf8))
        return try EndpointFile(contentsOf: path)
    }

    private func error(reading text: String) throws -> EndpointFileError {
        let error = thrown(EndpointFileError.self) { _ = try read(text) }
        return try #require(error)
    }

    @Test(arguments: [
        EndpointFile(
            endpoint: "https://search-ids.eu-central-1.es.amazonaws.com", region: "eu-central-1", domain: "ids-suite",
            isManaged: true),
        EndpointFile(endpoint: "http://127.0.0.1:9200"),
    ])
    func whatIsWrittenIsRead(file: EndpointFile) throws {
        try file.write(to: path)
        #expect(try EndpointFile(contentsOf: path) == file)
    }

    @Test func everyUserMayReadIt() throws {
        try EndpointFile(endpoint: "http://127.0.0.1:9200").write(to: path)
        var facts = stat()
        #expect(stat(path, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o644)
    }

    @Test func theEndpointAloneIsEnoughAndUnknownMembersArePassedOver() throws {
        let file = try read(#"{"endpoint": "https://search", "arn": ["a", {"b": null}], "region": null}"#)
        #expect(file == EndpointFile(endpoint: "https://search"))
    }

    @Test func aFileThatIsNotThereIsToldFromOneThatIsBroken() {
        let error = thrown(EndpointFileError.self) { _ = try EndpointFile(contentsOf: path) }
        #expect(error?.code == .missing)
        #expect(error?.description.contains("aws-provisioner writes it") == true)
    }

    @Test(arguments: [
        ("", "unexpected end"), ("[]", "no JSON object"), ("{}", "no \"endpoint\""),
        (#"{"endpoint": 9200}"#, "no \"endpoint\""), (#"{"endpoint": "search:9200"}"#, "one URL"),
        (#"{"endpoint": "https://me:secret@search"}"#, "one URL"),
        (#"{"version": 2, "endpoint": "https://search"}"#, "another version"),
    ])
    func whatIsWrongWithABrokenFileIsSaid(text: String, words: String) throws {
        let error = try error(reading: text)
        #expect(error.code == .invalid)
        #expect(error.description.contains(words), "\(error)")
        #expect(!error.description.contains("secret"))
    }

    @Test func aFileThatIsTooLargeIsNotRead() throws {
        let error = try error(reading: String(repeating: " ", count: EndpointFile.bytesMax) + "{}")
        #expect(error.code == .unreadable)
    }

    @Test func aFolderIsNoEndpointFile() {
        let error = thrown(EndpointFileError.self) { _ = try EndpointFile(contentsOf: folder.path) }
        #expect(error?.code == .unreadable)
    }
}
