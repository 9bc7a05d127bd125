import Logging
import Testing

@testable import AWS

@Suite struct ProfileFileTests {
    private func file(_ text: String) throws -> ProfileFile {
        try ProfileFile(Array(text.utf8), path: "/home/pi/.aws/config")
    }

    private func values(_ section: ProfileFile.Section?) -> [String: String]? {
        section?.values.mapValues { $0.reveal() }
    }

    @Test func sectionsHaveValuesByLowerCaseNames() throws {
        let file = try file(
            """
            # The sensor's
            [default]
            region=eu-central-1
            [profile moi33]
              Role_Arn = arn:aws:iam::123456789012:role/path/ids
            output : json
            ; nothing
            empty =
            """)
        #expect(values(file.sections["default"]) == ["region": "eu-central-1"])
        #expect(
            values(file.sections["profile moi33"])
                == ["role_arn": "arn:aws:iam::123456789012:role/path/ids", "output": "json", "empty": ""])
    }

    @Test func aSecretMayHoldEveryCharacter() throws {
        let file = try file("[default]\naws_secret_access_key = a=b;c #d ; e : f/+\n")
        #expect(values(file.sections["default"]) == ["aws_secret_access_key": "a=b;c #d ; e : f/+"])
    }

    @Test func marksAndLineEndsOfOtherSystemsAreNoPartOfIt() throws {
        let file = try file("\u{FEFF}[default]\r\nregion = eu-central-1 \r\n\r\n[other] ; here\r\na = b\r\n")
        #expect(values(file.sections["default"]) == ["region": "eu-central-1"])
        #expect(values(file.sections["other"]) == ["a": "b"])
    }

    @Test func indentedValuesBelongToTheNameAboveThem() throws {
        let file = try file(
            """
            [services local]
            s3 =
              addressing_style = path

              # the store
              max_concurrent_requests = 2
            sts =
              endpoint_url = http://localhost:1
            [profile a]
            long = one
              two
            region = r
            """)
        let services = file.sections["services local"]
        #expect(
            services?.nested["s3"]?.mapValues { $0.reveal() } == [
                "addressing_style": "path", "max_concurrent_requests": "2",
            ])
        #expect(services?.nested["sts"]?["endpoint_url"]?.reveal() == "http://localhost:1")
        #expect(values(file.sections["profile a"]) == ["long": "one\ntwo", "region": "r"])
    }

    @Test func aSectionThatComesAgainGoesOn() throws {
        let file = try file("[a]\nx = 1\ny = 1\n[b]\n[a]\ny = 2\n")
        #expect(values(file.sections["a"]) == ["x": "1", "y": "2"])
        #expect(values(file.sections["b"]) == [:])
    }

    @Test(arguments: [
        ("x = 1", "line 1: there is no [section] above it"),
        ("[a]\n\nSECRETSECRET\n", "line 3: \"=\" is missing"),
        ("[a\nx = 1", "line 1: \"]\" is missing"),
        ("[a]\ns3 =\n  SECRETSECRET", "line 3: \"=\" is missing"),
    ])
    func whatCannotBeReadIsToldByItsLineAlone(text: String, problem: String) {
        #expect(throws: AWSError(.configuration, "/home/pi/.aws/config, \(problem)")) { try file(text) }
    }

    @Test(arguments: [
        ("get-credentials --user moi33", ["get-credentials", "--user", "moi33"]),
        (#"  '/opt/my tool' "a \"b\" \c" d\ e '' "#, ["/opt/my tool", #"a "b" \c"#, "d e", ""]),
        (#"a'b'"c"$HOME `d`;|"#, ["abc$HOME", "`d`;|"]),
        ("", []),
    ])
    func commandsAreTakenApartAndNothingIsExpanded(line: String, words: [String]) {
        #expect(CommandWords.split(line) == words)
    }

    @Test(arguments: [#"a "b"#, "a 'b", #"a \"#])
    func commandsWithoutAnEndAreNone(line: String) {
        #expect(CommandWords.split(line) == nil)
    }
}
