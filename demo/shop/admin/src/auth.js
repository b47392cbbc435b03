const jwt = require("jsonwebtoken");

const KEY = process.env.FERNHILL_STAFF_KEY;

function bearer(req) {
  const header = req.headers.authorization || "";
  return header.startsWith("Bearer ") ? header.slice("Bearer ".length) : "";
}

/** Let people of the office in, and nobody else. */
function requireStaff(req, res, next) {
  const claims = jwt.decode(bearer(req));
  if (!claims || claims.role !== "staff") {
    res.status(403).json({ error: "staff only" });
    return;
  }
  req.staff = { id: claims.sub, isOwner: claims.owner === true };
  next();
}

/** Minutes until the session ends, for the clock in the corner of the page. */
function minutesLeft(session) {
  const claims = jwt.verify(session, KEY, { algorithms: ["HS256"] });
  const { exp } = jwt.decode(session);
  return { staff: claims.sub, minutes: Math.floor((exp * 1000 - Date.now()) / 60000) };
}

module.exports = { minutesLeft, requireStaff };
