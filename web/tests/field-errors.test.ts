import { describe, expect, it } from "vitest";
import { fieldErrors, wrongField } from "@/lib/field-errors";

const t = ((key: string) => key) as unknown as Parameters<typeof fieldErrors>[0];

describe("wrongField", () => {
  it.each([
    ["REQUEST_INVALID", "password", "password"],
    ["REQUEST_INVALID", "email", "email"],
    ["AUTH_ACCOUNT_TAKEN", "username", "username"],
    ["AUTH_ACCOUNT_TAKEN", "password", null],
    ["REQUEST_INVALID", "next", null],
    ["RATE_LIMITED", "email", null],
  ])("reads %s of %s", (error, field, expected) => {
    expect(wrongField({ error, field })).toBe(expected);
  });
});

it("states the rules of a new password, and asks for one that exists", () => {
  const params = { error: "REQUEST_INVALID", field: "password" };
  expect(fieldErrors(t, params, { count: 8, kinds: "a digit", bytes: 72 })).toEqual({ password: "invalid.password" });
  expect(fieldErrors(t, params)).toEqual({ password: "invalid.passwordMissing" });
});

it("says whether a name is taken or wrong", () => {
  expect(fieldErrors(t, { error: "AUTH_ACCOUNT_TAKEN", field: "email" })).toEqual({ email: "taken.email" });
  expect(fieldErrors(t, { error: "REQUEST_INVALID", field: "username" })).toEqual({ username: "invalid.username" });
  expect(fieldErrors(t, {})).toEqual({});
});
