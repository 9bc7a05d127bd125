import HTTPServer
import HTTPTypes
import JSON
import Testing

@testable import APIDescription

@Suite struct JSONSchemaTests {
    private let schema = JSONSchema.object([
        .required("keys", .array(of: .text(bytesMax: 3), countMax: 2)), .optional("count", .integer(1...9)),
        .optional("kind", .choice(["a", "b"])), .optional("note", .nullable(.text())), .optional("on", .boolean),
        .optional("share", .number), .optional("more", .dictionary(of: .named("Part", .object([], isOpen: true)))),
    ])

    private func fault(_ text: String) throws -> SchemaError? {
        var tree = JSONTree()
        return try Array(text.utf8).withUnsafeBytes { bytes in
            let node = try tree.parse(bytes)
            do throws(SchemaError) {
                try schema.check(node)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func takesWhatIsAsDescribed() throws {
        #expect(
            try fault(
                #"{"keys":["a","bcd"],"count":9,"kind":"b","note":null,"on":true,"share":0.5,"more":{"x":{"y":1}}}"#)
                == nil)
        #expect(try fault(#"{"keys":[]}"#) == nil)
    }

    @Test(arguments: [
        (#"{}"#, "/keys", "be there"), (#"[]"#, "", "be an object"),
        (#"{"keys":["abcd"]}"#, "/keys/0", "be a text of at most 3 bytes"),
        (#"{"keys":["a","b","c"]}"#, "/keys", "be an array of at most 2, each a text of at most 3 bytes"),
        (#"{"keys":[],"count":10}"#, "/count", "be a whole number from 1 to 9"),
        (#"{"keys":[],"count":1.5}"#, "/count", "be a whole number from 1 to 9"),
        (#"{"keys":[],"count":99999999999999999999}"#, "/count", "be a whole number from 1 to 9"),
        (#"{"keys":[],"kind":"c"}"#, "/kind", "be one of a, b"), (#"{"keys":[],"note":1}"#, "/note", "be a text"),
        (#"{"keys":[],"on":"yes"}"#, "/on", "be true or false"),
        (#"{"keys":[],"a/b~c":1}"#, "/a~1b~0c", "be left out: it is not known"),
        (#"{"keys":[],"more":{"x":1}}"#, "/more/x", "be an object"),
    ])
    func tellsTheFirstValueThatIsNot(text: String, pointer: String, expectation: String) throws {
        #expect(try fault(text) == SchemaError(pointer: pointer, expectation: expectation))
    }

    @Test func isWrittenAsJSONSchema() {
        var writer = JSONWriter()
        writer.value(
            JSONSchema.object([.required("a", .integer(0...5)), .optional("b", .nullable(.named("Part", .boolean)))]))
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":5},"#
                + ##""b":{"anyOf":[{"$ref":"#/components/schemas/Part"},{"type":"null"}]}},"##
                + #""required":["a"],"additionalProperties":false}"#)
    }
}

@Suite struct ParameterTests {
    private func request(_ query: String) -> ServerRequest {
        ServerRequest(
            .get, path: "/", query: HTTPQuery(decoding: query), peer: .network(address: "127.0.0.1", port: 1))
    }

    @Test func valuesAreOfTheirForm() throws {
        let limit = Parameter("limit", in: .query, .integer(1...200), default: 50, "")
        #expect(try limit.value(in: request("")) == 50)
        #expect(try limit.value(in: request("limit=200")) == 200)
        let after = Parameter("after", in: .query, optional: .integer(), "")
        #expect(try after.value(in: request("")) == nil)
        #expect(try after.value(in: request("after=-7")) == -7)
        let role = Parameter("role", in: .query, ParameterForm<Role>.choice, "")
        #expect(try role.value(in: request("role=analyst")) == .analyst)
    }

    @Test(arguments: ["limit=0", "limit=201", "limit=", "limit=ten", "limit=1.0", "limit=99999999999999999999", ""])
    func othersAreRefusedWithTheirName(query: String) {
        let limit = Parameter("limit", in: .query, .integer(1...200), "")
        #expect {
            try limit.check(request(query))
        } throws: { error in
            let body = String(decoding: (error as? Refusal)?.response.body ?? [], as: UTF8.self)
            return body.contains(#""part":"limit""#) && body.contains(#""status":400"#)
        }
    }

    @Test func rolesIncludeThoseBelow() {
        #expect(Role.viewer < .analyst && Role.analyst < .admin)
    }
}
