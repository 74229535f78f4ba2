(** Messages that are joined from frames: a layer on the frames of a decoder. It sees the frames and not the chunks. *)

Require Import List PeanoNat Lia.
From Proofs Require Import Split.
Import ListNotations.

Section Join.
  Context {Byte State Fault Memo Reason : Type}.

  Record frame : Type := { offset : nat; len : nat; payload : list Byte }.

  (** What a rule says of a frame: it comes out at once, it belongs to the message, or it is the message's last part. *)
  Inductive verdict : Type := Control | More (memo : Memo) | Last | Refused (reason : Reason).

  Variable rule : Memo -> frame -> verdict.
  Variable fresh : Memo.

  (** Limits on the bytes and the parts of a message. *)
  Variable max_len max_parts : nat.

  Inductive failure : Type := Gap (at_ : nat) | Oversize (at_ : nat) | TooManyParts (at_ : nat) | Unfit (at_ : nat) (reason : Reason).

  (** Outside a message, inside one, or failed. [next] is where a part must begin. *)
  Inductive joiner : Type :=
  | Outside
  | Inside (next : nat) (memo : Memo) (parts count : nat)
  | Broken (failure : failure).

  (** What a joiner returns for a frame. *)
  Inductive joined : Type :=
  | ControlFrame (f : frame)
  | Part (f : frame) (is_last : bool)
  | Fails (failure : failure).

  Definition fail (e : failure) : joiner * joined := (Broken e, Fails e).

  Definition part (f : frame) (memo : option Memo) (parts count : nat) : joiner * joined :=
    if max_parts <=? parts then fail (TooManyParts (offset f))
    else if max_len <? count + length (payload f) then fail (Oversize (offset f))
    else match memo with
         | None => (Outside, Part f true)
         | Some m => (Inside (offset f + len f) m (S parts) (count + length (payload f)), Part f false)
         end.

  Definition next_part (j : joiner) (f : frame) : joiner * joined :=
    match j with
    | Broken e => (j, Fails e)
    | Outside =>
        match rule fresh f with
        | Control => (Outside, ControlFrame f)
        | More m => part f (Some m) 0 0
        | Last => part f None 0 0
        | Refused r => fail (Unfit (offset f) r)
        end
    | Inside next m parts count =>
        if negb (offset f =? next) then fail (Gap (offset f))
        else match rule m f with
             | Control => (Inside (offset f + len f) m parts count, ControlFrame f)
             | More n => part f (Some n) parts count
             | Last => part f None parts count
             | Refused r => fail (Unfit (offset f) r)
             end
    end.

  Fixpoint join (j : joiner) (frames : list frame) : joiner * list joined :=
    match frames with
    | [] => (j, [])
    | f :: fs => let (k, x) := next_part j f in let (l, xs) := join k fs in (l, x :: xs)
    end.

  Lemma join_goes_on : forall fs gs j,
    join j (fs ++ gs) = let (k, xs) := join j fs in let (l, ys) := join k gs in (l, xs ++ ys).
  Proof.
    induction fs as [| f fs IH]; intros gs j; simpl; [destruct (join j gs); reflexivity |].
    destruct (next_part j f) as (k, x). rewrite IH. destruct (join k fs) as (l, xs). destruct (join l gs). reflexivity.
  Qed.

  (** A joiner that is given the frames of each chunk as they come. *)
  Fixpoint join_batches (j : joiner) (batches : list (list frame)) : joiner * list joined :=
    match batches with
    | [] => (j, [])
    | b :: bs => let (k, xs) := join j b in let (l, ys) := join_batches k bs in (l, xs ++ ys)
    end.

  Theorem batches_do_not_show : forall batches j, join_batches j batches = join j (concat batches).
  Proof.
    induction batches as [| b bs IH]; intros j; simpl; auto. rewrite join_goes_on. destruct (join j b) as (k, xs).
    rewrite IH. reflexivity.
  Qed.

  (** The messages, each from its parts. *)
  Fixpoint collect (so_far : list Byte) (parts : list joined) : list (list Byte) :=
    match parts with
    | [] => []
    | Part f true :: rest => (so_far ++ payload f) :: collect [] rest
    | Part f false :: rest => collect (so_far ++ payload f) rest
    | ControlFrame _ :: rest => collect so_far rest
    | Fails _ :: _ => []
    end.

  (** Law 2 for messages: for any decoder that keeps the theorem, the messages, the control frames and the failure are the
      same for any chunks. *)
  Theorem split_never_shows_in_messages : forall (step : State -> list Byte -> answer Byte State frame Fault) start,
    step start [] = NeedMore ->
    (forall s b e c s', step s b = Frame e c s' -> forall x, step s (b ++ x) = Frame e (c ++ x) s') ->
    (forall s b f c, step s b = Error f c -> forall x, step s (b ++ x) = Error f (c ++ x)) ->
    (forall s b c s', step s b = Discard c s' -> forall x es z, runs step s' (c ++ x) es z -> runs step s (b ++ x) es z) ->
    (forall s b, exists es z, runs step s b es z) ->
    forall chunks others es z es' z', concat chunks = concat others ->
    feeds step start [] chunks es z -> feeds step start [] others es' z' ->
    join Outside es = join Outside es' /\ collect [] (snd (join Outside es)) = collect [] (snd (join Outside es')).
  Proof.
    intros step start none frames errors discards ends chunks others es z es' z' same F G.
    destruct (split_never_shows step start none frames errors discards ends chunks) as (xs & y & _ & _ & only).
    destruct (only _ _ _ eq_refl F) as (-> & _). symmetry in same. destruct (only _ _ _ same G) as (-> & _). auto.
  Qed.

  Theorem joiner_failure_stays : forall e fs, fst (join (Broken e) fs) = Broken e /\
    forall x, In x (snd (join (Broken e) fs)) -> x = Fails e.
  Proof.
    intros e. induction fs as [| f fs IH]; simpl; [intuition |]. destruct (join (Broken e) fs) as (k, xs).
    simpl in *. destruct IH as (-> & all). split; auto. intros x [<- | among]; auto.
  Qed.

  (** No message has a part missing: inside a message a frame that does not begin where the one before ended is a failure. *)
  Theorem gap_breaks_the_message : forall next m parts count f, offset f <> next ->
    next_part (Inside next m parts count) f = fail (Gap (offset f)).
  Proof. intros. simpl. rewrite (proj2 (Nat.eqb_neq _ _) H). reflexivity. Qed.
End Join.
